import type pg from "pg";
import { Refusal } from "../../errors.ts";
import { standingHolds } from "../../managed/holds/standing.ts";
import { relation } from "../../managed/statement.ts";
import { isSame, nameOf, type Tally, type TenantTable, tally } from "./tables.ts";

/**
 * One attempt at keeping every writer out of a tenant's own tables until the transaction ends. Who writes already is waited for, so
 * that what is counted next is all there will be.
 */
export function lockAgainstWrites(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
): (lockTimeoutMs: number) => Promise<void> {
  const names = tables.map(({ schema, name }) => relation(schema, name)).join(", ");
  return async (lockTimeoutMs) => {
    if (names === "") return;
    await client.query(`SAVEPOINT locking; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
    try {
      await client.query(`LOCK TABLE ${names} IN SHARE MODE`);
    } catch (error) {
      await client.query("ROLLBACK TO SAVEPOINT locking");
      throw error;
    }
  };
}

/** @throws Refusal `stale_plan` where a table is not what was counted. */
export async function refuseChanged(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  expected: Record<string, Tally>,
): Promise<void> {
  for (const table of tables) {
    if (!isSame(expected[nameOf(table)], await tally(client, table))) throw changed(table);
  }
}

/** As `refuseChanged`, for the row that lists the tenant, which is held until the transaction ends. One that is gone stands for no change. */
export async function refuseRelisted(home: pg.ClientBase, own: TenantTable, listed: Tally): Promise<void> {
  const from = `FROM ${relation(own.schema, own.name)} caretaker_row WHERE ${own.condition}`;
  if ((await home.query(`SELECT ${from} FOR UPDATE`)).rowCount === 0) return;
  if (!isSame(listed, await tally(home, own))) throw changed(own);
}

function changed(table: TenantTable): Refusal {
  return new Refusal("stale_plan", `Rows of ${nameOf(table)} have changed since they were counted.`, {
    fix: "Nothing was removed. Plan it again.",
  });
}

/** @throws Refusal `conflict` where a hold came to stand after the plan. */
export async function refuseHeld(client: pg.ClientBase): Promise<void> {
  const [hold] = await standingHolds(client);
  if (!hold) return;
  throw new Refusal("conflict", `The hold ${hold.name} stands in this database.`, {
    fix: "Nothing was removed. Release the hold under Deleted, Holds, or wait until it is.",
  });
}
