import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { indexStaged } from "../../audit/index-staged.ts";
import { auditedDatabase } from "../../audit/scope.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { formOf, type PlanRestore } from "./contract.ts";
import { placeOfTenant } from "./moved/moved.ts";
import { moverOf } from "./moved/record.ts";
import type { StoredPlan } from "./stored.ts";
import type { Place } from "./work.ts";

export const planLimits = { statement: 120_000, lock: 2_000, idle: 60_000 };

/** Where rows are written that are asked for: in the database that recorded it, unless they are those of a tenant, wherever that lives. */
export async function placeAskedFor(input: PlanRestore): Promise<Place> {
  const { database, tenant, schema, table, record } = input;
  const form = formOf(input);
  if (form === "undo") return placeOf(database);
  if (tenant !== undefined) return placeOfTenant(database, tenant);
  // The row itself is not there to be asked whose it is, and its table may not be either.
  if ((form !== "record" && form !== "version") || !schema || !table || !record) return placeOf(database);
  const owner = await moverOf(database, { schema, table, record });
  return owner === null ? placeOf(database) : placeOfTenant(database, owner);
}

/** Where a plan that was shown is to be written. @throws Refusal `stale_plan` when the tenant has moved on since. */
export async function placeOfPlan({ input, parts }: StoredPlan): Promise<Place> {
  const into = parts?.into;
  if (!into) return placeOf(input.database);
  const place = await placeOfTenant(input.database, into.tenant);
  if (place.id === into.database && place.moved?.schema === into.schema) return place;
  throw new Refusal(
    "stale_plan",
    `Tenant ${into.tenant} has moved since: it lives in ${place.name}, schema ${place.moved?.schema ?? ""} now.`,
    { fix: "Look at the new plan first: it writes where the tenant lives." },
  );
}

async function placeOf(databaseId: string): Promise<Place> {
  const { id, name } = await auditedDatabase(databaseId);
  return { id, name, managed: await managedTablesOf(id), moved: null };
}

/** Rows are looked up one by one in the log that a plan's rows come from, so that what of it is staged would be read for each of them. */
export async function indexLogOf(actor: Actor, { id, moved }: Place): Promise<void> {
  await indexStaged(actor, moved?.from.id ?? id);
}

/** Lends the log that a plan's rows come from, beside the connection to where they are written. */
export function withLog<T>(
  { id, moved }: Place,
  client: pg.PoolClient,
  run: (log: pg.ClientBase) => Promise<T>,
): Promise<T> {
  if (moved === null || moved.from.id === id) return run(client);
  return withDatabase(moved.from.id, run, { limits: planLimits });
}
