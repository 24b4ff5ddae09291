import type pg from "pg";
import { hotMonths } from "../archive/standing.ts";
import { coldBeside } from "../cold/months.ts";
import { conditions, Values } from "../conditions.ts";
import type { AuditFilter } from "../contract.ts";
import { type Asked, everAsked } from "../query/asked.ts";
import { termsIn, termsWithoutUsers } from "../query/people.ts";
import type { Term } from "../query/terms.ts";
import { inSnapshot } from "./connect.ts";
import { inlined } from "./literal.ts";
import { type Slice, slicesOf } from "./slices.ts";

/**
 * One database's share of an export, fixed for good: whatever commits later, and however often the work is begun again, the same
 * entries belong to it.
 */
export interface Share {
  id: string;
  name: string;
  /** It is managed no more: its archived months are all there is. */
  left?: true;
  /** SQL over caretaker.audit_logs, its values written in. */
  where: string;
  /** The filter alone, for archived months: what is in them has long been committed. */
  matching: string;
  snapshot: string;
  slices: Slice[];
  /** Whether it is a good part of the log, so that reading in the order of its key is the way. */
  most: boolean;
}

/** Decides, in each database, which entries an export holds: those that had committed when it was asked here and that match. */
export async function fixSet(filter: AuditFilter): Promise<Share[]> {
  const shares: Share[] = [];
  for (const database of await everAsked(filter)) {
    if (database.left) shares.push(...(await departedShare(database)));
    else shares.push(await inSnapshot(database.id, "UTC", (client) => shareOf(client, database)));
  }
  return shares;
}

/** A database that left has a share where its archive can hold an answer: its months, oldest first. */
async function departedShare(database: Asked): Promise<Share[]> {
  const archives = await coldBeside(database, new Set());
  if (archives.length === 0) return [];
  const slices = archives.toReversed().map(({ month, sha256 }): Slice => {
    return { from: null, to: null, partitions: [], cold: { month, sha256 } };
  });
  const matching = ["true", ...inlinedTerms(termsWithoutUsers(database))].join(" AND ");
  return [
    { id: database.id, name: database.name, left: true, where: "false", matching, snapshot: "", slices, most: true },
  ];
}

async function shareOf(client: pg.Client, database: Asked): Promise<Share> {
  const matching = await matchingSql(client, database);
  const { snapshot, settled } = await readHorizon(client);
  // The months attached in this very snapshot: what was looked up before could have left meanwhile, into neither list.
  const hot = new Set((await hotMonths(client)).map(({ month }) => month));
  const { slices, entries } = await slicesOf(client, await coldBeside(database, hot));
  const where = [
    ...matching,
    `(created_at < '${settled}'::timestamptz OR pg_visible_in_snapshot(transaction_id, '${snapshot}'))`,
  ].join(" AND ");
  const estimate = await plannedRows(client, matching);
  return {
    id: database.id,
    name: database.name,
    where,
    matching: ["true", ...matching].join(" AND "),
    snapshot,
    slices,
    most: estimate > entries / 20,
  };
}

/** The filter as it stands in this database, its moments relative to now. */
export async function matchingSql(client: pg.ClientBase, database: Asked): Promise<string[]> {
  return inlinedTerms(await termsIn(client, database));
}

function inlinedTerms(terms: readonly Term[]): string[] {
  const values = new Values();
  return conditions(values, terms).map((condition) => inlined(condition, values.list));
}

/**
 * What has committed. An entry of a transaction that the snapshot does not see was written after the oldest one that was still
 * running began: before that moment everything counts, also entries restored from another server, whose transaction ids mean
 * nothing here. Whoever may not see others' transactions takes a day, which no transaction lasts here.
 */
async function readHorizon(client: pg.ClientBase): Promise<{ snapshot: string; settled: string }> {
  const { rows } = await client.query<{ snapshot: string; settled: string }>(
    `SELECT pg_current_snapshot()::text AS snapshot,
            to_char(CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') AND NOT EXISTS (SELECT FROM pg_prepared_xacts)
                         THEN least(clock_timestamp(), (SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database())) - interval '1 second'
                         ELSE clock_timestamp() - interval '1 day' END AT TIME ZONE 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS settled`,
  );
  const [row] = rows;
  if (!row) throw new Error("PostgreSQL did not say what has committed.");
  return row;
}

/** How many entries match, as the planner guesses. */
export async function plannedRows(client: pg.ClientBase, matching: readonly string[]): Promise<number> {
  const where = matching.length === 0 ? "" : ` WHERE ${matching.join(" AND ")}`;
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    `EXPLAIN (FORMAT JSON) SELECT FROM caretaker.audit_logs${where}`,
  );
  return rows[0]?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
}
