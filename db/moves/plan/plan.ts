import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import { belongs, type Standing } from "../../managed/moving/table.ts";
import { relation } from "../../managed/statement.ts";
import { limits } from "../../transaction.ts";
import type { MovePlanView, MoveProblem, PlanMove } from "../contract.ts";
import { checkHeld } from "../held.ts";
import { type FoundTable, findTables } from "./catalog.ts";
import { checkContract } from "./check/contract.ts";
import { bytesNeeded, checkDisk, readRoom } from "./check/disk.ts";
import { checkHost, checkNamesakes } from "./check/host.ts";
import { checkApplicationRole } from "./check/role.ts";
import { checkCrossing, checkOwned, checkTaken } from "./check/rows.ts";
import { checkServers, readSurroundings, type Surroundings } from "./check/servers.ts";
import { checkAlike, checkTable } from "./check/tables.ts";
import { checkMove } from "./check/tenant.ts";
import { type NewTables, newTables } from "./definition.ts";
import { endsOf, standingsOf } from "./ends.ts";
import { planDatabase } from "./new-database.ts";
import { type NumberedColumns, readNumbered } from "./phases/sequences.ts";
import { type NewDatabase, type PlannedEnds, phasesOf } from "./phases.ts";
import { type MovingTenant, type Place, readModelledTables, readMovingTenant } from "./place.ts";
import { findReferences, type References, type ReferenceTable } from "./references.ts";
import { onServer } from "./server.ts";
import type { MovePlan } from "./stored.ts";
import { movingTables, type PlannedTable } from "./tables.ts";
import { targetOf } from "./target.ts";
import { viewOf } from "./view.ts";

const planLimits = { ...limits.long, statement: 60_000 };

/** The plan as it is shown, and what a move started by it works from. */
export interface MadePlan {
  view: MovePlanView;
  stored: MovePlan;
  tenant: MovingTenant;
  target: { place: Place; createDatabase: boolean };
}

/** What moving a tenant would do, and what stands in its way. Changes nothing. */
export async function planMove(actor: Actor, input: PlanMove): Promise<MovePlanView> {
  authorise(actor, "tenants.read");
  return (await makePlan(input)).view;
}

export async function makePlan(input: PlanMove): Promise<MadePlan> {
  const tenant = await readMovingTenant(input.tenantId);
  const target = await targetOf(tenant, input);
  const { tables: modelled, elsewhere } = await readModelledTables(tenant);
  const early = [
    ...(await checkMove(tenant, target.place, modelled)),
    ...(await checkHost(tenant, target.place)),
    ...(await checkContract(tenant, target.place)),
  ];
  const read = await withDatabase(
    tenant.place.databaseId,
    (from) => onTarget(tenant, target, from, (to) => readPlaces(from, to, tenant, target, modelled)),
    { limits: planLimits },
  );
  const room = checkDisk(await readRoom(target.place.serverId), read.bytesNeeded);
  const problems = [...early, ...strangers(elsewhere), ...room, ...read.problems];
  const stored: MovePlan = {
    tables: read.tables,
    modelled,
    before: read.made.before,
    keys: read.made.keys,
    foreignKeys: read.made.foreignKeys,
    proofs: read.made.proofs,
    after: read.made.after,
    references: read.references,
    createDatabase: target.createDatabase,
    problems,
  };
  const phases = phasesOf(tenant, target.place, stored, read.ends, read.newDatabase, read.numbered);
  return { view: viewOf(tenant, target.place, stored, phases, read.bytesNeeded), stored, tenant, target };
}

function strangers(elsewhere: string[]): MoveProblem[] {
  if (elsewhere.length === 0) return [];
  return [
    {
      severity: "blocking",
      code: "other_schema",
      subject: elsewhere.join(", "),
      message: `Tenants' rows are in ${elsewhere.length} tables outside the schema of the tenants table: ${elsewhere.slice(0, 5).join(", ")}.`,
      fix: "A move carries one schema: bring the tables together, or set those aside in the model.",
    },
  ];
}

/** Reads the target too, where there is one; its server stands in for a database that is to be made. */
async function onTarget<T>(
  tenant: MovingTenant,
  { place, createDatabase }: MadePlan["target"],
  from: pg.PoolClient,
  work: (to: pg.ClientBase) => Promise<T>,
): Promise<T> {
  if (place.databaseId === tenant.place.databaseId) return work(from);
  if (createDatabase) return onServer(place.serverId, work);
  return withDatabase(place.databaseId, work, { limits: planLimits });
}

interface ReadPlaces {
  tables: PlannedTable[];
  made: Omit<NewTables, "problems">;
  references: ReferenceTable[];
  bytesNeeded: number;
  problems: MoveProblem[];
  ends: PlannedEnds;
  newDatabase: NewDatabase;
  numbered: NumberedColumns;
}

async function readPlaces(
  from: pg.PoolClient,
  to: pg.ClientBase,
  tenant: MovingTenant,
  { place, createDatabase }: MadePlan["target"],
  modelled: MovePlan["modelled"],
): Promise<ReadPlaces> {
  const names = modelled.map(({ name }) => name);
  const found = await findTables(from, tenant.place.schema, names);
  const moving = movingTables(modelled, found);
  const fits = place.tier === "shared" ? await findTables(to, place.schema, names) : found;
  const standings = standingsOf(tenant, place);
  const around: [Surroundings, Surroundings] = [await readSurroundings(from), await readSurroundings(to)];
  const nothing = { before: [], keys: [], foreignKeys: [], proofs: [], after: [], problems: [] };
  const blocked = found.some(({ kind }) => kind !== "table");
  const target = createDatabase ? null : to;
  const none: References = { tables: [], known: [], problems: [] };
  const own = place.tier !== "shared" && !blocked;
  const references = own ? await findReferences(from, target, tenant, found, place) : none;
  const made = own
    ? await newTables(from, to, createDatabase, tenant, modelled, place, references, found, around[1].role)
    : nothing;
  const newDatabase = createDatabase
    ? await planDatabase(from, to, place, around[1])
    : { create: [], install: [], problems: [] };
  const whole = moving.every(({ keys }) => keys.length > 0);
  const problems = [
    ...checkServers(...around, createDatabase),
    ...(createDatabase || around[1].installed === null ? [] : await checkNamesakes(to, tenant, place, null)),
    ...found.flatMap((table) => checkTable(table, relation(tenant.place.schema, table.name))),
    ...checkAlike(found, fits, modelled),
    ...(await checkHeld(from, tenant, place, standings.from, moving)),
    ...(await checkApplicationRole(from, tenant.applicationRole, around[0].role, found)),
    ...(standings.from.shared
      ? [
          ...unguarded(found, modelled, tenant.place.schema),
          ...(await checkCrossing(from, moving, standings.from, tenant.tenantsTable)),
        ]
      : []),
    ...(standings.to.shared && whole ? await checkTaken(from, to, moving, standings) : []),
    ...(own && !createDatabase ? schemaTaken(place, await findTables(to, place.schema, names)) : []),
    ...(place.databaseId === tenant.place.databaseId ? [] : checkOwned(found, tenant)),
    ...references.problems,
    ...made.problems,
    ...newDatabase.problems,
  ];
  const tables = await estimate(from, moving, modelled, found, standings.from);
  const needed = bytesNeeded(tables, found, createDatabase);
  const ends = endsOf(tenant, place, standings, around, found, [...made.before, ...made.after], fits);
  const numbered = await readNumbered(from, tenant.place.schema, names, references.tables);
  return { tables, made, references: references.tables, bytesNeeded: needed, problems, ends, newDatabase, numbered };
}

function schemaTaken(place: Place, there: readonly FoundTable[]): MoveProblem[] {
  if (there.length === 0) return [];
  return [
    {
      severity: "blocking",
      code: "schema_there",
      subject: place.schema,
      message: `The schema ${place.schema} has ${there.map(({ name }) => name).join(", ")} already.`,
      fix: "They may be left from an earlier move: look at what they hold, and remove them.",
    },
  ];
}

/** Reads of rows that stay behind can be refused only where row security is on. */
function unguarded(found: readonly FoundTable[], modelled: MovePlan["modelled"], schema: string): MoveProblem[] {
  const open = found.filter(({ rowSecurity }) => !rowSecurity.enabled).map(({ name }) => name);
  if (open.length === 0) return [];
  const child = modelled.find(({ name, tenantColumn }) => tenantColumn === null && open.includes(name));
  const name = child ? relation(schema, child.name) : "";
  const byHand = `Where a table has no tenant's key, such as ${name}, a policy for all rows is enough and changes nothing else: CREATE POLICY all_rows ON ${name} USING (true); ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;`;
  return [
    {
      severity: "warning",
      code: "stale_reads",
      subject: open.join(", "),
      message: `${open.length === 1 ? "A table has" : `${open.length} tables have`} no row security: whoever still reads the tenant's rows at the old place gets them as they were at the cutover, until the move is completed. Writes are refused everywhere.`,
      fix: `Put row security on them in the model, or complete the move soon after the cutover.${child ? ` ${byHand}` : ""}`,
    },
  ];
}

/** The planner's estimate of the tenant's rows: counting them could take as long as copying. */
async function estimate(
  client: pg.ClientBase,
  moving: ReturnType<typeof movingTables>,
  modelled: MovePlan["modelled"],
  found: readonly FoundTable[],
  standing: Standing,
): Promise<PlannedTable[]> {
  const planned: PlannedTable[] = [];
  for (const table of moving) {
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
      `EXPLAIN (FORMAT JSON) SELECT FROM ${relation(standing.schema, table.name)} AS t WHERE ${belongs(table, standing, "t")}`,
    );
    const known = found.find(({ name }) => name === table.name);
    const estimatedRows = rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
    const rowBytes = known && known.estimatedRows > 0 ? known.bytes / known.estimatedRows : 200;
    planned.push({
      ...table,
      class: modelled.find(({ name }) => name === table.name)?.class ?? "tenant",
      estimatedRows,
      estimatedBytes: Math.round(estimatedRows * rowBytes),
    });
  }
  return planned;
}
