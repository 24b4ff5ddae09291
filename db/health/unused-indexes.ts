import { controlPool } from "../control.ts";
import { type Finding, type HealthCheck, unknown } from "./check.ts";

// 30 days: a monthly report must have had its turn. pghero, pgwatch and splinter call an index unused seconds after its
// creation, because PostgreSQL keeps no age of an index.
const watchedDaysMin = 30;
const bytesMin = 64 * 1024;

// Left out: what keeps a promise rather than speeding a query (unique, primary, exclusion, replica identity, constraint),
// the index under a foreign key (deletes of the parent need it), and broken indexes, which are another matter.
const sql = `SELECT s.indexrelid::text AS oid, s.indexrelid::regclass::text AS name, s.relid::regclass::text AS "table",
       s.idx_scan::text AS scans, pg_relation_size(s.indexrelid)::float8 AS bytes,
       pg_get_indexdef(s.indexrelid) AS definition
  FROM pg_stat_user_indexes s
  JOIN pg_index i ON i.indexrelid = s.indexrelid
 WHERE i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = s.indexrelid)
   AND NOT EXISTS (SELECT FROM pg_constraint f
                    WHERE f.contype = 'f' AND f.conrelid = i.indrelid
                      AND f.conkey <@ (i.indkey::int2[])[0:cardinality(f.conkey) - 1])
   AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = s.indexrelid)
   AND pg_relation_size(s.indexrelid) >= ${bytesMin}
 ORDER BY 5 DESC, 2
 LIMIT 1000`;

interface IndexRow {
  oid: string;
  name: string;
  table: string;
  scans: string;
  bytes: number;
  definition: string;
}

interface Watched {
  oid: string;
  scans: string;
  idleDays: number;
}

export const unusedIndexes: HealthCheck = {
  id: "unused-indexes",
  title: "Unused indexes",
  unit: "count",
  threshold: `warning from one index of 64 kB or more without a scan while watched for ${watchedDaysMin} days`,
  sql,
  async run(client, facts) {
    const { rows } = await client.query<IndexRow>(sql);
    const watched = await watchedOf(facts.databaseId);
    const idle = rows.map((row) => ({ ...row, days: idleDays(row, watched.get(row.oid)) }));
    const unused = idle.filter((row) => row.days >= watchedDaysMin);
    const undecided = idle.filter((row) => row.days < watchedDaysMin && row.scans === "0");
    if (facts.standbys > 0 || facts.inRecovery) {
      return {
        ...undecidedFinding(unused.length + undecided.length, "other servers of this cluster may use them"),
        ...evidenceOf(unused),
      };
    }
    if (unused.length > 0) {
      const bytes = unused.reduce((sum, row) => sum + row.bytes, 0);
      return {
        verdict: "warning",
        value: unused.length,
        finding: `${unused.length} indexes had no scan while watched; each write maintains them, and they take ${Math.round(bytes / 1024)} kB.`,
        fix: "DROP INDEX CONCURRENTLY each one, after making sure that no yearly job needs it.",
        ...evidenceOf(unused),
      };
    }
    if (undecided.length > 0) {
      return {
        ...undecidedFinding(undecided.length, `they were not watched for ${watchedDaysMin} days yet`),
        ...evidenceOf(undecided),
      };
    }
    return { verdict: "good", value: 0, finding: "No index of 64 kB or more, there for speed only, is without scans." };
  },
};

function undecidedFinding(count: number, why: string): Finding {
  if (count === 0) return unknown(`No index without scans, but ${why}.`);
  return { ...unknown(`${count} indexes without scans, but ${why}.`), value: count };
}

function evidenceOf(rows: (IndexRow & { days: number })[]): Pick<Finding, "evidence"> {
  if (rows.length === 0) return {};
  return {
    evidence: {
      columns: [
        { name: "index", unit: "text" },
        { name: "table", unit: "text" },
        { name: "size", unit: "bytes" },
        { name: "idle while watched, days", unit: "count" },
        { name: "definition", unit: "sql" },
      ],
      rows: rows.slice(0, 50).map((row) => [row.name, row.table, row.bytes, Math.floor(row.days), row.definition]),
    },
  };
}

/** Days for which our samples saw no movement; none for an index that moved since the last sample or was never seen. */
function idleDays(row: IndexRow, seen: Watched | undefined): number {
  return seen && seen.scans === row.scans ? seen.idleDays : 0;
}

async function watchedOf(databaseId: string): Promise<Map<string, Watched>> {
  // To the last sample only: while nobody sampled, nobody watched.
  const { rows } = await controlPool().query<Watched>(
    `SELECT index_oid AS oid, scans::text,
            extract(epoch FROM last_seen_at - coalesce(last_used_at, first_seen_at))::float8 / 86400 AS "idleDays"
       FROM watched_indexes
      WHERE database_id = $1`,
    [databaseId],
  );
  return new Map(rows.map((row) => [row.oid, row]));
}
