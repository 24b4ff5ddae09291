import type pg from "pg";
import { type CapturedTable, captureStatements } from "../../managed/capture.ts";
import { installStatements } from "../../managed/install.ts";
import { readTables } from "../../managed/read-tables.ts";
import { events } from "../../managed/sql/060-events.ts";
import { captureChoice } from "./application.ts";

export type Choice = Partial<Pick<CapturedTable, "masked" | "ignored" | "tenant">>;

/** Only while seeding: the owner dates the entries by a shifted clock. */
const shiftedClock = "clock_timestamp() + current_setting('demo.shift')::interval";

/** Installs Caretaker with partitions for the year that the demo tells, and captures every table with the shifted clock. */
export async function captureShifted(client: pg.Client, schemas: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  const [found] = rows;
  if (!found) throw new Error("The demo's server did not say who is connected.");
  await run(client, installStatements({ owner: found.owner, createRoles: true }));
  await client.query("SELECT caretaker.ensure_partitions(3, 13)");
  await captureAll(client, schemas, shiftedClock);
  await run(
    client,
    events.map(({ sql }) => ({ sql: sql.replace("clock_timestamp()", () => shiftedClock) })),
  );
}

/** From here on entries are dated by the clock, as everywhere else. */
export async function captureTruly(client: pg.Client, schemas: readonly string[]): Promise<void> {
  await captureAll(client, schemas);
  await run(client, events);
}

async function captureAll(client: pg.Client, schemas: readonly string[], clock?: string): Promise<void> {
  for (const schema of schemas) {
    for (const table of await readTables(client, schema)) {
      const chosen = { ...table, masked: [], ignored: [], tenant: null, ...captureChoice(schema, table.name) };
      await run(client, captureStatements(chosen, clock === undefined ? {} : { clock }));
    }
  }
}

async function run(client: pg.Client, statements: { sql: string }[]): Promise<void> {
  await client.query(statements.map(({ sql }) => sql).join(";\n"));
}
