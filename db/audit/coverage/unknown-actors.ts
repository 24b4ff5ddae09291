import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { withDatabase } from "../../fleet.ts";
import type { UnknownActor, UnknownActors } from "./contract.ts";
import { daysMax, type Part, recentParts, recentRows } from "./recent.ts";

const groupsMax = 20;

/** Who wrote without saying who acts: by database role and application_name, so that the program can be found and mended. */
export async function readUnknownActors(actor: Actor, databaseId: string): Promise<UnknownActors> {
  authorise(actor, "audit.read");
  return withDatabase(databaseId, async (client) => {
    const parts = await recentParts(client);
    const found: UnknownActor[] = [];
    for (const part of parts) found.push(...(await unknownIn(client, part)));
    const groups = [...Map.groupBy(found, ({ role, application }) => JSON.stringify([role, application])).values()]
      .map(joined)
      .sort((a, b) => b.entries - a.entries);
    return {
      days: daysMax,
      entries: groups.reduce((sum, one) => sum + one.entries, 0),
      exact: parts.every(({ percent }) => percent === 100),
      groups: groups.slice(0, groupsMax),
    };
  });
}

async function unknownIn(client: pg.PoolClient, part: Part): Promise<UnknownActor[]> {
  const { rows } = await client.query<UnknownActor>(
    `SELECT nullif(metadata ->> 'role', '') AS role, nullif(metadata ->> 'application', '') AS application,
            count(*)::int AS entries,
            to_char(max(created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS newest
       FROM ${recentRows(part)}
      WHERE user_id IS NULL
      GROUP BY 1, 2`,
    [part.percent, daysMax],
  );
  return rows.map((row) => ({ ...row, entries: Math.round((row.entries * 100) / part.percent) }));
}

/** The same role and program in several partitions. */
function joined(group: UnknownActor[]): UnknownActor {
  return {
    role: group[0]?.role ?? null,
    application: group[0]?.application ?? null,
    entries: group.reduce((sum, { entries }) => sum + entries, 0),
    newest: group.map(({ newest }) => newest).reduce((one, other) => (one > other ? one : other), ""),
  };
}
