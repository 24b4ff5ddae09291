import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { network } from "../bench/faults/proxy.ts";
import { systemActor } from "./mint.ts";
import { createPool } from "./pool.ts";
import { freshDatabase } from "./testing/databases.ts";
import { inTransaction, limits } from "./transaction.ts";

let url: string;
let pool: pg.Pool;

beforeAll(async () => {
  url = await freshDatabase();
  pool = createPool({ connectionString: url, application_name: "caretaker test", max: 2 });
  await pool.query("CREATE TABLE note (text text, CONSTRAINT once UNIQUE (text) DEFERRABLE INITIALLY DEFERRED)");
});
beforeEach(() => pool.query("TRUNCATE note"));
afterAll(() => pool.end());

async function notes(): Promise<string[]> {
  return (await pool.query<{ text: string }>("SELECT text FROM note ORDER BY text")).rows.map((row) => row.text);
}

test("the actor and the reason reach the transaction, and end with it", async () => {
  const context =
    "SELECT current_setting('app.current_user_id', true) AS who, current_setting('app.reason', true) AS why";
  const inside = await inTransaction(pool, async (client) => (await client.query(context)).rows[0], {
    actor: systemActor("worker"),
    reason: "because",
  });
  expect(inside).toEqual({ who: "worker", why: "because" });
  expect((await pool.query(context)).rows[0]).toEqual({ who: "", why: "" });
});

test("a client that met an error is not used again", async () => {
  const failing = inTransaction(pool, async (client) => {
    await client.query("INSERT INTO note VALUES ('lost')");
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await notes()).toEqual([]);
  expect(pool.totalCount).toBeLessThanOrEqual(1);
});

test("a statement that comes after its transaction is refused", async () => {
  let kept: pg.PoolClient | undefined;
  await inTransaction(pool, async (client) => {
    kept = client;
  });
  expect(() => kept?.query("INSERT INTO note VALUES ('stray')")).toThrow("after its transaction had ended");
  expect(await notes()).toEqual([]);
});

test("work that ends the transaction itself is found out", async () => {
  const ending = inTransaction(pool, async (client) => {
    await client.query("ROLLBACK");
    await client.query("BEGIN");
    await client.query("INSERT INTO note VALUES ('another')");
  });
  await expect(ending).rejects.toThrow("the work ended it itself");
  expect(await notes()).toEqual([]);
});

test("a constraint that speaks at COMMIT is reported as the database said it", async () => {
  const twice = inTransaction(pool, (client) => client.query("INSERT INTO note VALUES ('twice'), ('twice')"));
  await expect(twice).rejects.toMatchObject({ code: "23505", constraint: "once" });
});

test("a backend that is terminated between statements ends the transaction and nothing else", async () => {
  const cut = inTransaction(pool, async (client) => {
    await client.query("INSERT INTO note VALUES ('cut')");
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    await pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.query("INSERT INTO note VALUES ('after')");
  });
  await expect(cut).rejects.toThrow();
  expect(await notes()).toEqual([]);
});

test("a COMMIT whose answer is lost is found committed", async () => {
  const server = new URL(url);
  const between = await network(Number(server.port));
  server.port = String(between.port);
  const far = createPool({ connectionString: server.href, application_name: "caretaker test", max: 1 });
  between.cutAnswerTo("COMMIT\0");
  setTimeout(() => between.heal(), 5_000);
  const value = await inTransaction(
    far,
    async (client) => {
      await client.query("INSERT INTO note VALUES ('kept')");
      return "told";
    },
    { limits: { statement: 1_000, lock: 500, idle: 60_000 } },
  );
  expect(value).toBe("told");
  expect(await notes()).toEqual(["kept"]);
  await far.end();
  await between.close();
});

test("a network that swallows a statement does not hold the work beyond its deadline", async () => {
  const server = new URL(url);
  const between = await network(Number(server.port));
  server.port = String(between.port);
  const far = createPool({ connectionString: server.href, application_name: "caretaker test", max: 1 });
  const begun = performance.now();
  const swallowed = inTransaction(
    far,
    async (client) => {
      await client.query("INSERT INTO note VALUES ('swallowed')");
      between.cut("both");
      await client.query("SELECT 1");
    },
    { limits: { statement: 1_000, lock: 500, idle: 1_000 } },
  );
  await expect(swallowed).rejects.toThrow("timeout");
  expect(performance.now() - begun).toBeLessThan(6_000);
  between.heal();
  expect((await far.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  expect(await notes()).toEqual([]);
  await far.end();
  await between.close();
});

test("connections that are dead without a word are dropped before anything is asked of them", async () => {
  const server = new URL(url);
  const between = await network(Number(server.port));
  server.port = String(between.port);
  const far = createPool({ connectionString: server.href, application_name: "caretaker test", max: 2 });
  await Promise.all(["first", "second"].map((text) => inTransaction(far, (client) => write(client, text))));
  between.lose();
  const begun = performance.now();
  await inTransaction(far, (client) => write(client, "third"), { limits: limits.long });
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(await notes()).toEqual(["first", "second", "third"]);
  await far.end();
  await between.close();
});

async function write(client: pg.PoolClient, text: string): Promise<void> {
  await client.query("INSERT INTO note VALUES ($1)", [text]);
}
