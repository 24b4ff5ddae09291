import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import { captureName } from "../../managed/capture/entry.ts";
import { identifier } from "../../managed/statement.ts";
import type { WriteCost, WriteCosts } from "./contract.ts";

interface Counter {
  name: string;
  calls: number;
  milliseconds: number;
}

interface Settings {
  database: string;
  tracking: WriteCosts["tracking"];
  since: string | null;
}

/**
 * What the capture functions took, from pg_stat_user_functions: the time of the functions themselves, which is what a write
 * waits for beside its own work. PostgreSQL counts it only in sessions whose track_functions is on.
 */
export async function readWriteCosts(actor: Actor, databaseId: string): Promise<WriteCosts> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, async (client) => {
    const { rows: found } = await client.query<Settings>(
      `SELECT current_database() AS database, current_setting('track_functions') AS tracking,
              to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS since
         FROM pg_stat_database d WHERE d.datname = current_database()`,
    );
    const { rows: counters } = await client.query<Counter>(
      `SELECT regexp_replace(funcname, '_(insert|update|delete|truncate)$', '') AS name,
              sum(calls)::float8 AS calls, sum(total_time)::float8 AS milliseconds
         FROM pg_stat_user_functions
        WHERE schemaname = 'caretaker' AND funcname ~ '^capture_.*_(insert|update|delete|truncate)$'
        GROUP BY 1`,
    );
    const { rows: captures } = await client.query<{ schema: string; name: string }>(
      "SELECT schema_name AS schema, table_name AS name FROM caretaker.captures",
    );
    const { database, tracking, since } = found[0] ?? { database: "", tracking: "none" as const, since: null };
    return {
      tracking,
      since,
      statement: `ALTER DATABASE ${identifier(database)} SET track_functions = 'pl'`,
      tables: costsOf(captures, counters),
    };
  });
}

function costsOf(captures: { schema: string; name: string }[], counters: Counter[]): WriteCost[] {
  const byName = new Map(counters.map((counter) => [counter.name, counter]));
  return captures
    .flatMap((table): WriteCost[] => {
      const counter = byName.get(captureName(table));
      if (!counter || counter.calls === 0) return [];
      return [
        {
          schema: table.schema,
          table: table.name,
          statements: counter.calls,
          microsecondsPerStatement: (counter.milliseconds * 1000) / counter.calls,
          seconds: counter.milliseconds / 1000,
        },
      ];
    })
    .sort((a, b) => b.seconds - a.seconds);
}
