import type pg from "pg";

export interface Horizon {
  /** All transactions before this one are over. */
  settled: bigint;
  /** No transaction has begun from here on. Less than before only when the database itself was put back. */
  next: bigint;
}

/** While a transaction begins or ends nobody is seen to hold it; the next look knows whose it is, or that it is over. */
const looks = 5;

/**
 * Which transactions can still commit entries here. Settled is what `pg_snapshot_xmin` says, except that transactions known to be
 * another database's do not count: they write nothing here, and a long one elsewhere would hold up every seal of the server.
 * A prepared one counts, and one of which nothing is known after some looks.
 */
export async function sealHorizon(client: pg.ClientBase): Promise<Horizon> {
  for (let nth = 1; ; nth += 1) {
    const { settled, next, known } = await look(client);
    if (settled === known || nth === looks) return { settled, next };
  }
}

/** Before `known`, no transaction is known to be this database's or a prepared one. */
async function look(client: pg.ClientBase): Promise<Horizon & { known: bigint }> {
  const { rows } = await client.query<{ settled: string; known: string; next: string }>(
    `WITH held AS MATERIALIZED
       (SELECT locks.transactionid AS xid,
               CASE WHEN locks.pid IS NULL THEN false
                    WHEN backend.backend_start < statement_timestamp() THEN backend.datname <> current_database() END AS elsewhere
          FROM pg_locks AS locks LEFT JOIN pg_stat_activity AS backend USING (pid)
         WHERE locks.locktype = 'transactionid' AND locks.mode = 'ExclusiveLock' AND locks.granted)
     SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next,
            coalesce(min(running::text::numeric) FILTER (WHERE elsewhere IS NOT TRUE),
                     pg_snapshot_xmax(pg_current_snapshot())::text::numeric)::text AS settled,
            coalesce(min(running::text::numeric) FILTER (WHERE NOT elsewhere),
                     pg_snapshot_xmax(pg_current_snapshot())::text::numeric)::text AS known
       FROM pg_snapshot_xip(pg_current_snapshot()) AS running LEFT JOIN held ON held.xid = running::xid`,
  );
  const [row] = rows;
  if (!row) throw new Error("The server did not say which transactions run.");
  return { settled: BigInt(row.settled), known: BigInt(row.known), next: BigInt(row.next) };
}

/** How far a log that is sealed to `sealedTo` can be sealed now; null when the database's transactions went back. */
export function sealableTo({ settled, next }: Horizon, sealedTo: string): bigint | null {
  const already = BigInt(sealedTo);
  if (next < already) return null;
  return settled > already ? settled : already;
}
