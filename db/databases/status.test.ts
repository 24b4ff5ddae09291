import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Actor } from "../actor.ts";
import { closeControl } from "../control.ts";
import { closeFleet } from "../fleet.ts";
import { freshControl } from "../testing/databases.ts";
import { person } from "../testing/people.ts";
import { listFleetWithStatus } from "./list.ts";
import { adopt, foreignDatabase } from "./testing/fleet.ts";

const schema = `
  CREATE TABLE tenants (id bigint PRIMARY KEY, name text NOT NULL);
  CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants);`;

let administrator: Actor;
let held: Awaited<ReturnType<typeof foreignDatabase>>;
let other: typeof held;

beforeAll(async () => {
  await freshControl();
  administrator = (await person("administrator")).actor;
  [held, other] = [await foreignDatabase(schema), await foreignDatabase(schema)];
  for (const { databaseId } of [held, other]) await adopt(administrator, databaseId);
});

afterAll(async () => {
  await closeFleet();
  await closeControl();
});

test("a table that somebody holds, as VACUUM FULL does, keeps no status waiting", async () => {
  await hold("orders");
  expect(await states()).toEqual({ [held.databaseId]: "adopted", [other.databaseId]: "adopted" });
});

test("a database that cannot be looked at says so, and the others are listed all the same", async () => {
  await hold("caretaker.captures");
  expect(await states()).toEqual({ [held.databaseId]: "unreachable", [other.databaseId]: "adopted" });
});

async function states(): Promise<Record<string, string>> {
  const listed = await listFleetWithStatus(administrator);
  return Object.fromEntries(listed.map(({ id, status }) => [id, status.state]));
}

async function hold(table: string): Promise<void> {
  const client = new pg.Client(held.url);
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
}
