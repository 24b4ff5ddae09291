import type pg from "pg";

export interface Horizon {
  /** All transactions before this one are over. */
  settled: bigint;
  /** No transaction has begun from here on. Less than before only when the database itself was put back. */
  next: bigint;
}

/**
 * Which transactions can still commit entries here. Settled is what `pg_snapshot_xmin` says, except that transactions known to be
 * another database's do not count: they write nothing here, and a long one elsewhere would hold up every seal of the server.
 * One that nothing is known about counts, such as a prepared one.
 */
export async function sealHorizon(client: pg.ClientBase): Promise<Horizon> {
  const { rows } = await client.query<{ settled: string; next: string }>(
    `SELECT pg_snapshot_xmax(snapshot)::text AS next,
            coalesce((SELECT min(running::text::numeric) FROM pg_snapshot_xip(snapshot) AS running
                       WHERE NOT EXISTS (SELECT FROM pg_locks AS held JOIN pg_stat_activity AS backend USING (pid)
                                          WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
                                            AND held.transactionid = running::xid
                                            AND backend.backend_start < statement_timestamp()
                                            AND backend.datname <> current_database())),
                     pg_snapshot_xmax(snapshot)::text::numeric)::text AS settled
       FROM (SELECT pg_current_snapshot() AS snapshot OFFSET 0) AS now`,
  );
  const [row] = rows;
  if (!row) throw new Error("The server did not say which transactions run.");
  return { settled: BigInt(row.settled), next: BigInt(row.next) };
}

/** How far a log that is sealed to `sealedTo` can be sealed now; null when the database's transactions went back. */
export function sealableTo({ settled, next }: Horizon, sealedTo: string): bigint | null {
  const already = BigInt(sealedTo);
  if (next < already) return null;
  return settled > already ? settled : already;
}
