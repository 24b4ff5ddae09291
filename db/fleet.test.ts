import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl, control } from "./control.ts";
import { Refusal } from "./errors.ts";
import { askAll, closeFleet, connectionFor, consoleDatabase, inDatabase, listAdopted, withDatabase } from "./fleet.ts";
import { systemActor } from "./mint.ts";
import { databases, servers } from "./schema/fleet.ts";
import { seal } from "./secrets/seal.ts";
import { freshControl, freshDatabase, testServer } from "./testing/databases.ts";

let adopted: string;
let dead: string;

async function register(url: URL, more: { port?: number; host?: string } = {}): Promise<string> {
  const serverId = randomUUID();
  await control()
    .insert(servers)
    .values({
      id: serverId,
      name: `server ${serverId}`,
      host: more.host ?? url.hostname,
      port: more.port ?? Number(url.port),
      tlsMode: "disable",
      username: url.username,
      credential: seal(url.password || "none", serverId),
    });
  const [row] = await control()
    .insert(databases)
    .values({ serverId, name: url.pathname.slice(1), adoptedAt: new Date().toISOString() })
    .returning({ id: databases.id });
  if (!row) throw new Error("Nothing was registered.");
  return row.id;
}

beforeAll(async () => {
  await freshControl();
  const url = new URL(await freshDatabase());
  adopted = await register(url);
  dead = await register(url, { port: 1 });
  await inDatabase(systemActor("test"), adopted, (client) => client.query("CREATE TABLE note (text text)"));
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Refusal) return error;
  throw new Error(`Expected a refusal, got ${String(error)}`);
}

test("reading cannot write", async () => {
  const write = withDatabase(adopted, (client) => client.query("INSERT INTO note VALUES ('x')"));
  await expect(write).rejects.toMatchObject({ code: "25006" });
});

test("work commits with the actor's context, and an error rolls it back", async () => {
  const actor = systemActor("fleet test");
  await inDatabase(actor, adopted, (client) =>
    client.query("INSERT INTO note SELECT current_setting('app.current_user_id')"),
  );
  const failed = inDatabase(actor, adopted, async (client) => {
    await client.query("INSERT INTO note VALUES ('never')");
    throw new Error("stop");
  });
  await expect(failed).rejects.toThrow("stop");
  const { rows } = await withDatabase(adopted, (client) => client.query("SELECT text FROM note"));
  expect(rows).toEqual([{ text: "fleet test" }]);
});

test("a read past its time is ended by the server and refused", async () => {
  const late = withDatabase(adopted, (client) => client.query("SELECT pg_sleep(5)"), { timeoutMs: 50 });
  expect((await refusalOf(late)).code).toBe("timeout");
});

test("an unreachable server is refused with what is wrong, without the password", async () => {
  const refusal = await refusalOf(withDatabase(dead, (client) => client.query("SELECT 1")));
  expect(refusal.code).toBe("unreachable");
  expect(refusal.message).toContain("port 1");
});

test("a host outside the allowed networks is never connected to", async () => {
  const outside = await register(new URL("postgres://u:p@10.0.0.1:5432/x"));
  expect((await refusalOf(withDatabase(outside, (client) => client.query("SELECT 1")))).code).toBe("forbidden");
});

test("asking all names those that are silent and answers with the rest", async () => {
  const { answers, silent } = await askAll([adopted, dead, consoleDatabase], async (client) => {
    const { rows } = await client.query<{ name: string }>("SELECT current_database() AS name");
    return rows[0]?.name;
  });
  expect(answers.map((answer) => answer.databaseId)).toEqual([adopted, consoleDatabase]);
  expect(silent.map((one) => one.databaseId)).toEqual([dead]);
});

test("a database that waits too long is silent and does not hold up the others", async () => {
  const begun = Date.now();
  const { answers, silent } = await askAll(
    [adopted, consoleDatabase],
    async (client, id) => {
      if (id === adopted) await client.query("SELECT pg_sleep(20)");
      return id;
    },
    200,
  );
  expect(Date.now() - begun).toBeLessThan(3_000);
  expect(answers).toHaveLength(1);
  expect(silent[0]?.databaseId).toBe(adopted);
});

test("an edited server gets a new pool, and an unknown database is not found", async () => {
  const server = new pg.Client(testServer().href);
  await server.connect();
  const other = `fleet_test_${randomUUID().replaceAll("-", "")}`;
  const password = testServer().password || "none";
  await server.query(`CREATE ROLE ${other} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await server.end();
  await control().update(servers).set({ username: other });
  const { rows } = await withDatabase(adopted, (client) => client.query("SELECT current_user AS who"));
  expect(rows).toEqual([{ who: other }]);
  await control().update(servers).set({ username: "postgres" });
  await inDatabase(systemActor("test"), adopted, (client) => client.query(`DROP ROLE ${other}`));
  expect((await refusalOf(withDatabase(randomUUID(), (client) => client.query("SELECT 1")))).code).toBe("not_found");
  expect((await refusalOf(withDatabase("x' OR true", (client) => client.query("SELECT 1")))).code).toBe("not_found");
});

test("the register lists adopted databases and gives client tools the checked address", async () => {
  expect((await listAdopted()).map((one) => one.id)).toContain(adopted);
  expect(await connectionFor(adopted)).toMatchObject({
    address: "127.0.0.1",
    user: "postgres",
    ssl: { mode: "disable" },
  });
  expect((await connectionFor(consoleDatabase)).database).toMatch(/^test_/);
});
