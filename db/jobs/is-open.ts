import type pg from "pg";

/**
 * Whether such a job waits or runs, for what it excludes. Whoever starts either asks in that transaction, under a lock that both take.
 * `input` is the part of its input that says what it is about.
 */
export async function isOpen(
  client: pg.PoolClient,
  kind: string,
  input: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM jobs WHERE kind = $1 AND state IN ('queued', 'running') AND input @> $2::jsonb LIMIT 1",
    [kind, JSON.stringify(input)],
  );
  return rowCount === 1;
}
