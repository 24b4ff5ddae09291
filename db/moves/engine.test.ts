import type pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import { takeMove } from "../managed/moving/gate.ts";
import type { MovingTable } from "../managed/moving/table.ts";
import { freshControl, testServer } from "../testing/databases.ts";
import { registerDatabase } from "../testing/register.ts";
import { takeDown } from "./capture/install.ts";
import { copyChunk } from "./copy/chunk.ts";
import { drain } from "./copy/drain.ts";
import { removeOvertaken } from "./copy/overtaken.ts";
import { cutOver } from "./cutover/cut.ts";
import { recoverCut } from "./cutover/recover.ts";
import { type Pair, turned } from "./pair.ts";
import { endOthers, openSession, type Session } from "./session.ts";
import { never, openStage, type Stage, tables } from "./testing/stage.ts";
import { verifyTable } from "./verify/table.ts";

let stage: Stage;
beforeAll(async () => {
  await freshControl();
});

afterEach(async () => {
  await stage.close();
});

async function copyAll(pair: Pair): Promise<void> {
  for (const table of tables) while (!(await copyChunk(pair, table, 300)).done);
}

async function count(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`);
  return rows[0]?.count ?? -1;
}

for (const other of ["schema", "database"] as const) {
  const schema = other === "schema" ? "t_7" : "public";

  test(`a tenant's rows reach its own ${other}, with what is written meanwhile, and writers follow`, async () => {
    stage = await openStage(other);
    const { pair, source, target } = stage;
    await copyChunk(pair, tables[0] as MovingTable, 300);
    await source.query(`UPDATE orders SET note = 'changed' WHERE tenant_id = 7 AND id < 100;
      DELETE FROM orders WHERE tenant_id = 7 AND id BETWEEN 100 AND 120;
      INSERT INTO orders (tenant_id, slug, note) VALUES (7, 'new', NULL), (8, 'other', NULL);
      UPDATE orders SET note = 'eight' WHERE tenant_id = 8 AND id < 10`);
    await copyAll(pair);
    await source.query(`BEGIN; UPDATE orders SET slug = 'aside' WHERE slug = 's124'; UPDATE orders SET slug = 's124' WHERE slug = 's126';
      UPDATE orders SET slug = 's126' WHERE slug = 'aside'; COMMIT;
      UPDATE lines SET n = n + 10 WHERE order_id = 124; DELETE FROM lines WHERE order_id = 126`);
    const { total } = await drain(pair);
    expect(total).toBeGreaterThan(60);
    for (const table of tables) expect((await verifyTable(pair, table, 1_000)).differences).toEqual([]);
    await expect(target.query(`SELECT FROM ${schema}.orders`)).rejects.toMatchObject({ code: "55P04" });
    const cut = await cutOver(pair);
    expect(cut).toMatchObject({ done: true });
    await expect(
      source.query("UPDATE orders SET note = 'late' WHERE tenant_id = 7 AND id = 124"),
    ).rejects.toMatchObject({
      code: "55P04",
      hint: expect.stringContaining(schema),
    });
    await source.query("UPDATE orders SET note = 'on time' WHERE tenant_id = 8 AND id = 9");
    await target.query(`INSERT INTO ${schema}.orders (tenant_id, slug) VALUES (7, 'there')`);
    expect(await count(target, `${schema}.orders`)).toBe(1_000 - 11 + 2);
    expect(await count(target, `${schema}.orders WHERE id = 1000003000000001`)).toBe(1);

    const back = turned(pair);
    await target.query(
      `DELETE FROM ${schema}.orders WHERE slug = 's128'; UPDATE ${schema}.orders SET note = 'back' WHERE slug = 's130'`,
    );
    expect(await cutOver(back)).toMatchObject({ done: true });
    expect(await count(source, "orders WHERE tenant_id = 7")).toBe(1_000 - 11 + 1);
    expect(await count(source, "orders WHERE note = 'back' AND tenant_id = 7")).toBe(1);
    expect(await count(source, "lines l WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = l.order_id)")).toBe(0);
    await expect(target.query(`SELECT FROM ${schema}.orders`)).rejects.toMatchObject({ code: "55P04" });
    await source.query("INSERT INTO orders (tenant_id, slug) VALUES (7, 'home again')");
    expect(await cutOver(pair)).toMatchObject({ done: true });
    expect(await count(target, `${schema}.orders WHERE slug = 'home again'`)).toBe(1);
    await takeDown(pair.from, tables, {}, never);
    await takeDown(pair.to, tables, {}, never);
    expect(await count(source, "pg_trigger WHERE tgname LIKE 'caretaker_%'")).toBe(0);
    expect(await count(target, "pg_class WHERE relname LIKE 'move_%_b_%'")).toBe(0);
  });
}

for (const isolation of ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]) {
  test(`a transaction that began before the cutover writes nothing after it at ${isolation}`, async () => {
    stage = await openStage("schema");
    const { pair, source } = stage;
    await copyAll(pair);
    await source.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    await source.query("SELECT count(*) FROM tenants");
    expect(await cutOver(pair)).toMatchObject({ done: true });
    await expect(source.query("UPDATE orders SET note = 'late' WHERE tenant_id = 7")).rejects.toMatchObject({
      code: isolation === "READ COMMITTED" ? "55P04" : "40001",
    });
  });

  test(`a transaction that has written is waited for, or the cutover gives up, at ${isolation}`, async () => {
    stage = await openStage("schema");
    const { pair, source, target } = stage;
    await copyAll(pair);
    await source.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    await source.query("UPDATE orders SET note = 'in flight' WHERE tenant_id = 7 AND id < 10");
    expect(await cutOver(pair)).toMatchObject({ done: false });
    const cutting = cutOver(pair, { lock: 5_000, pause: 6_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await source.query("COMMIT");
    expect(await cutting).toMatchObject({ done: true });
    expect(await count(target, "t_7.orders WHERE note = 'in flight'")).toBe(4);
  });
}

test("a cutover is given up where the holds are not those any more that were asked before the pause", async () => {
  stage = await openStage("database");
  const { pair, source, target } = stage;
  await copyAll(pair);
  expect(await cutOver(pair, undefined, async () => false)).toMatchObject({
    done: false,
    why: expect.stringContaining("hold"),
  });
  await source.query("UPDATE orders SET note = 'here still' WHERE tenant_id = 7 AND id < 10");
  await expect(target.query("UPDATE orders SET note = 'there'")).rejects.toMatchObject({ code: "55P04" });
  expect(await cutOver(pair)).toMatchObject({ done: true });
});

test("a TRUNCATE is refused, and so is taking a row from one tenant to another", async () => {
  stage = await openStage("schema");
  const { source } = stage;
  await expect(source.query("TRUNCATE lines")).rejects.toMatchObject({ code: "55006" });
  await expect(source.query("UPDATE orders SET tenant_id = 8 WHERE id = 2")).rejects.toMatchObject({ code: "55000" });
  await expect(source.query("UPDATE lines SET order_id = 1, n = 9 WHERE order_id = 2 AND n = 1")).rejects.toMatchObject(
    {
      code: "55000",
    },
  );
});

test("a value that goes from a copied row to one that is not copied yet stops neither the copy nor the constraints", async () => {
  stage = await openStage("database");
  const { pair, source, target } = stage;
  const [orders, lines] = tables as [MovingTable, MovingTable];
  await copyChunk(pair, orders, 300);
  const pass = `UPDATE orders SET slug = 'aside' WHERE slug = 's100'; UPDATE orders SET slug = 's100' WHERE slug = 's1900'; UPDATE orders SET slug = 's1900' WHERE slug = 'aside'`;
  await source.query(pass);
  while (!(await copyChunk(pair, orders, 300)).done);
  while (!(await copyChunk(pair, lines, 300)).done);
  await drain(pair);
  for (const table of tables) expect((await verifyTable(pair, table, 1_000)).differences).toEqual([]);

  // Where the constraints are made after the rows, the same value may be copied twice.
  await pair.to.client.query(
    "ALTER TABLE public.orders DROP CONSTRAINT orders_tenant_id_slug_key; DELETE FROM public.orders; DELETE FROM public.lines; DELETE FROM caretaker.move_progress",
  );
  await copyChunk(pair, orders, 300);
  await source.query(pass);
  await copyAll(pair);
  const unique = "ALTER TABLE public.orders ADD CONSTRAINT orders_tenant_id_slug_key UNIQUE (tenant_id, slug)";
  await expect(pair.to.client.query(unique)).rejects.toMatchObject({ code: "23505" });
  expect(await removeOvertaken(pair)).toBe(2);
  await pair.to.client.query(unique);
  await drain(pair);
  for (const table of tables) expect((await verifyTable(pair, table, 1_000)).differences).toEqual([]);
  expect(await cutOver(pair)).toMatchObject({ done: true });
  expect(await count(target, "public.orders")).toBe(1_000);
});

test("verifying names the rows that differ", async () => {
  stage = await openStage("database");
  const { pair } = stage;
  await copyAll(pair);
  await pair.to.client.query(
    "UPDATE public.orders SET note = 'wrong' WHERE id = 2; DELETE FROM public.orders WHERE id = 4",
  );
  const { differences } = await verifyTable(pair, tables[0] as MovingTable, 1_000);
  expect(differences).toHaveLength(2);
  expect(differences).toContainEqual({ key: ["2"], what: "differs" });
  expect(differences).toContainEqual({ key: ["4"], what: "only here" });
});

test("a worker that was overtaken commits nothing, and a cutover that was cut off goes back or forward", async () => {
  stage = await openStage("database");
  const { pair, source } = stage;
  await copyAll(pair);
  const id = pair.moveId;
  const later = { ...pair, epoch: 2 };
  await pair.from.client.query("UPDATE caretaker.gates SET state = 'moved' WHERE move_id = $1", [id]);
  for (const { client } of [pair.from, pair.to]) await takeMove(client, id, 2);
  await expect(drain(pair)).rejects.toThrow("another worker");
  await expect(source.query("DELETE FROM orders WHERE tenant_id = 7 AND id = 2")).rejects.toMatchObject({
    code: "55P04",
  });
  expect(await recoverCut(later)).toBe("back");
  await source.query("DELETE FROM orders WHERE tenant_id = 7 AND id = 2");
  await expect(cutOver(pair)).rejects.toThrow("another worker");
  expect(await cutOver(later)).toMatchObject({ done: true });
  expect(await recoverCut(later)).toBe("forward");
});

test("what an earlier worker left connected is ended", async () => {
  stage = await openStage("database");
  const other = await openSession((await registerDatabase(stageUrl())) as string, stage.pair.moveId);
  await other.client.query("SELECT pg_advisory_lock(1)");
  expect(await endOthers({ client: stage.pair.from.client } as Session, stage.pair.moveId)).toBe(1);
  await expect(other.client.query("SELECT 1")).rejects.toThrow();
});

function stageUrl(): string {
  const url = testServer();
  url.pathname = `/${stage.pair.from.client.database}`;
  return url.href;
}
