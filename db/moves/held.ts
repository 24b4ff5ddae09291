import type pg from "pg";
import type { HoldRule } from "../audit/retention/contract.ts";
import { holdsFor, type StandingRules } from "../audit/retention/holds.ts";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { holdOf } from "../managed/holds/refuse.ts";
import { covers, type Hold, type HoldableTable } from "../managed/holds/rule.ts";
import { standingHolds } from "../managed/holds/standing.ts";
import { belongs, type MovingTable, type Standing } from "../managed/moving/table.ts";
import { readTables } from "../managed/read-tables.ts";
import { relation } from "../managed/statement.ts";
import type { MoveProblem } from "./contract.ts";
import type { Move } from "./move.ts";
import type { End } from "./pair.ts";
import type { MovingTenant, Place } from "./plan/place.ts";

/** A tenant that leaves a place, which the client is connected to. */
interface Leaving {
  client: pg.ClientBase;
  tenant: { key: string; homeDatabaseId: string };
  standing: Standing;
  tables: readonly MovingTable[];
  from: Place;
  to: Place;
}

/** A hold that keeps a row of the tenant at the place that it leaves. */
interface Keeping {
  hold: string;
  table: string;
  along: boolean;
}

/** What a plan says of holds that would not go along. */
export async function checkHeld(
  client: pg.ClientBase,
  tenant: MovingTenant,
  to: Place,
  standing: Standing,
  tables: readonly MovingTable[],
): Promise<MoveProblem[]> {
  const found = await findKeeping({ client, tenant, standing, tables, from: tenant.place, to });
  return found
    .filter(({ along }) => !along)
    .map(({ hold, table }) => ({
      severity: "blocking",
      code: "held",
      subject: table,
      message: stays(hold, tenant.name, table),
      fix: wholeTenant,
    }));
}

/** Before writers move, either way: @throws Refusal `conflict` where a hold would stay behind. Answers which holds it asked. */
export async function requireAllAlong(move: Move, forward: boolean, end: End): Promise<string> {
  const from = forward ? move.from : move.to;
  const asked = await holdsNow(from);
  const [left] = (await findKeeping(leavingOf(move, forward, end))).filter(({ along }) => !along);
  if (!left) return asked;
  throw new Refusal("conflict", stays(left.hold, move.tenantName, left.table), {
    fix: `${wholeTenant} Then ask again.`,
  });
}

/** Whether no hold came, went or grew since. */
export async function holdsNow({ databaseId }: Pick<Place, "databaseId">): Promise<string> {
  return JSON.stringify((await holdsFor(databaseId)).map(({ id, rules }) => [id, rules]));
}

/**
 * Before what a tenant left behind is removed. A place of its own goes with its triggers, which then refuse nothing; in shared tables
 * they would refuse each row that is held, by a hold that went along too.
 */
export async function requireNoneKept(move: Move, forward: boolean, end: End): Promise<void> {
  const found = await findKeeping(leavingOf(move, forward, end));
  const [kept] = found.filter(({ along }) => !along || end.standing.shared);
  if (!kept) return;
  throw new Refusal(
    "conflict",
    `The legal hold ${kept.hold} keeps rows that ${move.tenantName} left in ${kept.table}.`,
    {
      fix: kept.along
        ? "It stands where the tenant lives now too. What was left is removed once it is released."
        : "Place a hold for the same case where the tenant lives now, and only then have this one released by two people: what was left is removed after that.",
    },
  );
}

const wholeTenant =
  "Place a hold on the whole tenant for the same case, which goes along with it, and only then have this one released by two people.";

function stays(hold: string, tenant: string, table: string): string {
  return `The legal hold ${hold} keeps rows of ${tenant} in ${table}, and would not keep them at the place that it moves to.`;
}

function leavingOf(move: Move, forward: boolean, { client, standing }: End): Leaving {
  const [from, to] = forward ? [move.from, move.to] : [move.to, move.from];
  const tenant = { key: move.tenantKey, homeDatabaseId: move.homeDatabaseId };
  return { client, tenant, standing, tables: move.plan.tables, from, to };
}

async function findKeeping(leaving: Leaving): Promise<Keeping[]> {
  const placed = await holdsFor(leaving.from.databaseId);
  const strange = await strangeHolds(leaving.client, placed);
  if (placed.length + strange.length === 0) return [];
  const tables = await holdable(leaving);
  const found: Keeping[] = [];
  for (const hold of placed) {
    for (const along of [false, true]) {
      const rules = hold.rules.filter((rule) => goesAlong(hold, rule, leaving) === along);
      const kept = await firstKept(leaving, tables, { ...hold, rules });
      if (kept) found.push({ ...kept, along });
    }
  }
  for (const hold of strange) {
    const kept = await firstKept(leaving, tables, hold);
    if (kept) found.push({ ...kept, along: false });
  }
  return found;
}

/** Of another console, or of this one before it was restored: nobody knows where they go. */
async function strangeHolds(client: pg.ClientBase, placed: readonly Hold[]): Promise<Hold[]> {
  const others = (await standingHolds(client)).filter(({ id }) => !placed.some((one) => one.id === id));
  if (others.length === 0) return [];
  const { rows } = await controlPool().query<{ id: string }>("SELECT id FROM legal_holds WHERE id = ANY ($1::uuid[])", [
    others.map(({ id }) => id),
  ]);
  return others.filter(({ id }) => !rows.some((row) => row.id === id));
}

/** Whether the rule keeps at the place to come what it keeps here. A hold on a tenant follows it; one on a table names its schema. */
function goesAlong({ kind, databaseId }: StandingRules, rule: HoldRule, { tenant, to }: Leaving): boolean {
  const follows = kind === "tenant" && rule.table === null && rule.tenant === tenant.key;
  const reaches =
    databaseId === null || databaseId === to.databaseId || (follows && databaseId === tenant.homeDatabaseId);
  return reaches && (rule.schema === null || rule.schema === to.schema);
}

async function holdable({ client, tenant, standing, tables, from }: Leaving): Promise<HoldableTable[]> {
  const { rows: modelled } = await controlPool().query<{ name: string; primaryKey: string[] }>(
    `SELECT name, primary_key AS "primaryKey" FROM managed_tables WHERE database_id::text = $1 AND schema = $2`,
    [from.databaseId, standing.schema],
  );
  return (await readTables(client, standing.schema)).flatMap((table): HoldableTable[] => {
    const moving = tables.find(({ name }) => name === table.name);
    if (!moving) return [];
    const named = modelled.find(({ name }) => name === table.name)?.primaryKey ?? [];
    const known = named.length > 0 && named.every((name) => table.columns.some((column) => column.name === name));
    const { column, steps } = moving.tenant;
    const path = steps.length > 0 ? ({ kind: "path", steps, column } as const) : ({ kind: "column", column } as const);
    return [
      {
        ...table,
        primaryKey: known ? named : table.primaryKey,
        tenant: standing.shared ? path : { kind: "constant", key: tenant.key },
        marks: false,
      },
    ];
  });
}

async function firstKept(
  { client, standing, tables }: Leaving,
  holdable: readonly HoldableTable[],
  hold: Hold,
): Promise<Omit<Keeping, "along"> | null> {
  for (const table of holdable) {
    const moving = tables.find(({ name }) => name === table.name);
    if (!moving || !hold.rules.some((rule) => covers(rule, table))) continue;
    const { rowCount } = await client.query(
      `SELECT FROM ${relation(table.schema, table.name)} AS t
        WHERE ${belongs(moving, standing, "t")} AND ${holdOf([hold], table, "t")} IS NOT NULL LIMIT 1`,
    );
    if (rowCount) return { hold: hold.name, table: `${table.schema}.${table.name}` };
  }
  return null;
}
