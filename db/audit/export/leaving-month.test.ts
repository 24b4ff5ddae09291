import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { closeControl } from "../../control.ts";
import { closeFleet } from "../../fleet.ts";
import { systemActor } from "../../mint.ts";
import { type Adopted, adoptedDatabase } from "../../testing/adopted.ts";
import { freshControl } from "../../testing/databases.ts";
import { fillMonth } from "../archive/testing/month.ts";
import { moveMonth } from "../archive/testing/move.ts";
import { askedBy } from "../query/asked.ts";
import { filterOf } from "./filter.ts";
import { fixSet } from "./fix-set.ts";

const actor = systemActor("test");
const month = "2025-10";
let both: Adopted[];

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-leaving-month-"));
  await freshControl();
  both = [await adoptedDatabase("CREATE TABLE a (id int)"), await adoptedDatabase("CREATE TABLE b (id int)")];
  for (const { client } of both) await fillMonth(client, month, 10);
});

afterAll(async () => {
  for (const { client } of both) await client.end();
  await closeFleet();
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

test("a month that leaves PostgreSQL while the set is fixed is in it still, as a file", async () => {
  const filter = filterOf(new URLSearchParams({ q: "-database:Console" }).toString());
  const asked = (await askedBy(filter)).map(({ id }) => both.find((one) => one.id === id));
  const [first, last] = asked;
  if (!first || !last) throw new Error("Both databases are to be asked.");
  // The first database holds the look up where it plans; whatever is looked up for all of them has been looked up by then.
  await first.client.query("BEGIN; LOCK TABLE ONLY caretaker.audit_logs IN ACCESS EXCLUSIVE MODE");
  const fixing = fixSet(filter);
  const watch = new pg.Client(first.url);
  await watch.connect();
  const isHeld = async () => {
    const { rowCount } = await watch.query(
      "SELECT FROM pg_locks WHERE NOT granted AND relation = to_regclass('caretaker.audit_logs')",
    );
    return rowCount === 1;
  };
  await vi.waitUntil(isHeld, { timeout: 20_000 });
  await watch.end();
  expect(await moveMonth(actor, "audit.archive", last.id, month)).toMatchObject({ state: "done" });
  await first.client.query("ROLLBACK");
  const share = (await fixing).find(({ id }) => id === last.id);
  expect(share?.slices.filter(({ cold }) => cold?.month === month)).toHaveLength(1);
});
