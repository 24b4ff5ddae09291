import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "./control.ts";
import { migrate } from "./migrate.ts";
import { freshControl } from "./testing/databases.ts";

/** Longer than a page's statement may take, and longer than it may wait for a lock. */
const slowMs = 8_500;

let url: string;

beforeAll(async () => {
  url = await freshControl();
});

afterAll(closeControl);

test("a starting process waits for the one that migrates, however slow that is, and says so", async () => {
  const said = await whileHeld("SELECT pg_advisory_lock(7241962032)");
  expect(said).toEqual(["Another process brings the control database to its version; waiting for it …"]);
});

test("a table in use is waited for", async () => {
  expect(await whileHeld("BEGIN; LOCK TABLE drizzle.__drizzle_migrations IN ACCESS EXCLUSIVE MODE")).toEqual([]);
});

/** Migrates while another client holds what `sql` takes, and asserts that it ended after that one. */
async function whileHeld(sql: string): Promise<string[]> {
  const other = new pg.Client(url);
  await other.connect();
  await other.query(sql);
  const said: string[] = [];
  let ended = false;
  const migrating = migrate((line) => said.push(line)).finally(() => {
    ended = true;
  });
  const watched = Promise.allSettled([migrating]);
  await pause(slowMs);
  expect(ended).toBe(false);
  await other.end();
  await watched;
  await migrating;
  return said;
}
