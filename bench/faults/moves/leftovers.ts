import { controlPool } from "#db/control.ts";
import { moveName } from "#db/managed/moving/table.ts";
import { relation } from "#db/managed/statement.ts";
import type { Move } from "#db/moves/move.ts";
import type { Place } from "#db/moves/plan/place.ts";
import { ask, patiently } from "../patience.ts";
import { type Servers, urlOf } from "./servers.ts";

/** What a move puts up in a database and must have taken away: its triggers, policies, functions, tables, progress and worker. */
const traces = `
  SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass AS trace FROM pg_trigger WHERE starts_with(tgname, 'caretaker_' || $1)
   UNION ALL
  SELECT 'policy ' || polname || ' on ' || polrelid::regclass FROM pg_policy WHERE starts_with(polname, 'caretaker_' || $1)
   UNION ALL
  SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'caretaker'::regnamespace AND starts_with(proname, $1)
   UNION ALL
  SELECT 'table ' || relname FROM pg_class WHERE relnamespace = 'caretaker'::regnamespace AND starts_with(relname, $1)
   UNION ALL
  SELECT 'progress of ' || move_id FROM caretaker.move_progress WHERE starts_with('move_' || replace(move_id::text, '-', ''), $1)
   UNION ALL
  SELECT 'worker of ' || move_id FROM caretaker.move_workers WHERE starts_with('move_' || replace(move_id::text, '-', ''), $1)`;

/** What is left of a move that is over, at both of its places and in the console. */
export async function leftoversOf(servers: Servers, move: Move): Promise<string[]> {
  const home = move.state === "completed" ? move.to : move.from;
  const old = move.state === "completed" ? move.from : move.to;
  const left = await leftAt(servers, old, move, false);
  if (home.databaseId !== old.databaseId) left.push(...(await leftAt(servers, home, move, true)));
  const { rows } = await patiently(() =>
    controlPool().query<{ open: number; standing: number }>(
      `SELECT count(*) FILTER (WHERE state = 'open')::int AS open,
              count(*) FILTER (WHERE state NOT IN ('open', 'dropped'))::int AS standing
         FROM placements WHERE tenant_id = $1`,
      [move.tenantId],
    ),
  );
  return [
    ...left,
    ...(rows[0]?.open === 1 ? [] : [`${rows[0]?.open} open placements`]),
    ...(rows[0]?.standing === 0 ? [] : [`${rows[0]?.standing} placements that are neither open nor dropped`]),
  ];
}

async function leftAt(servers: Servers, place: Place, move: Move, isHome: boolean): Promise<string[]> {
  if (!(await isThere(servers, place))) {
    return isHome ? [`no database ${place.databaseName}`] : [];
  }
  const found = await tracesIn(servers, place, moveName(move.id));
  if (isHome) return found;
  // A database that was made for this move and never lived in goes with it.
  const made = move.plan.createDatabase && move.state === "aborted" && !move.wasMoved;
  return [
    ...found,
    ...(made ? [`database ${place.databaseName}`] : []),
    ...(await rowsLeft(servers, place, move.tenantKey)),
  ];
}

async function isThere(servers: Servers, place: Place): Promise<boolean> {
  const { rowCount } = await ask(urlOf(servers, { ...place, databaseName: "postgres" }), (client) =>
    client.query("SELECT FROM pg_database WHERE datname = $1", [place.databaseName]),
  );
  return rowCount === 1;
}

/** By the beginning of their names. */
async function tracesIn(
  servers: Servers,
  place: Pick<Place, "port" | "databaseName">,
  name: string,
): Promise<string[]> {
  const { rows } = await ask(urlOf(servers, place), (client) => client.query<{ trace: string }>(traces, [name]));
  return rows.map(({ trace }) => trace);
}

/** Rows and open gates at a place where the tenant does not live. */
async function rowsLeft(servers: Servers, place: Place, tenant: string): Promise<string[]> {
  return ask(urlOf(servers, place), async (client) => {
    const { rows: gates } = await client.query(
      "SELECT FROM caretaker.gates WHERE tenant_key = $1 AND schema_name = $2 AND state <> 'moved'",
      [tenant, place.schema],
    );
    const orders = relation(place.schema, "orders");
    const { rows: tables } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
      orders,
    ]);
    const left = gates.length > 0 ? [`a gate of ${place.schema} that is not closed`] : [];
    if (!tables[0]?.there) return left;
    if (place.tier !== "shared") return [...left, `tables of ${place.schema}`];
    const { rows } = await client.query(`SELECT FROM ${orders} WHERE tenant_id = $1`, [tenant]);
    return rows.length > 0 ? [...left, `${rows.length} orders in the shared tables`] : left;
  });
}
