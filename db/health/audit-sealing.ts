import type pg from "pg";
import { readLog } from "../audit/proof/log.ts";
import { lateSeconds } from "../audit/proof/verdict.ts";
import { controlPool } from "../control.ts";
import { above, type HealthCheck, unknown } from "./check.ts";

const sql = `SELECT EXISTS (SELECT FROM caretaker.audit_logs WHERE transaction_id >= $1::xid8) AS waiting,
       (SELECT extract(epoch FROM now() - min(installed_at))::float8 FROM caretaker.installed) AS installed,
       (SELECT extract(epoch FROM now() - min(xact_start))::float8 FROM pg_stat_activity
         WHERE datname = current_database() AND backend_xid IS NOT NULL) AS open,
       (SELECT extract(epoch FROM now() - min(prepared))::float8 FROM pg_prepared_xacts
         WHERE database = current_database()) AS prepared,
       extract(epoch FROM now() - $2::timestamptz)::float8 AS behind`;

interface Seconds {
  waiting: boolean;
  installed: number;
  open: number | null;
  prepared: number | null;
  behind: number | null;
}

export const auditSealing = auditSealingCheck(lateSeconds.warning, lateSeconds.critical);

/** In seconds. Ours: the worker seals every minute, what was written before the oldest transaction that still writes. */
export function auditSealingCheck(warning: number, critical: number): HealthCheck {
  return {
    id: "audit-sealing",
    title: "Audit log sealed",
    unit: "seconds",
    threshold: `warning when entries wait for ${warning / 60} min, critical from ${critical / 60} min or when sealing has stopped`,
    sql,
    async run(client, { databaseId }) {
      const log = await readLog(controlPool(), databaseId);
      const found = await ask(client, log?.sealedTo ?? "0", log?.unsealedSince ?? null);
      if (!found) return unknown("This database has no audit log.", "Adopt it under Databases.");
      const sinceSeal = log?.sealedAt ? (Date.now() - Date.parse(log.sealedAt)) / 1_000 : found.installed;
      const held = Math.max(found.open ?? 0, found.prepared ?? 0);
      const behind = found.behind ?? 0;
      const value = found.waiting ? Math.max(0, sinceSeal, held, behind) : 0;
      if (log?.stopped) return { verdict: "critical", value, finding: log.stopped, fix: "Look under Audit, Proof." };
      const verdict = above(value, warning, critical);
      const minutes = Math.floor(value / 60);
      if (verdict === "good") return { verdict, value, finding: "What was written is sealed within a minute." };
      return { verdict, value, ...causeOf({ sinceSeal, held, behind }, minutes) };
    },
  };
}

/** What keeps entries waiting: the sealer does not run, a transaction holds it up, or it has much to catch up with. */
function causeOf(
  { sinceSeal, held, behind }: { sinceSeal: number; held: number; behind: number },
  minutes: number,
): { finding: string; fix: string } {
  if (held > sinceSeal && held >= behind)
    return {
      finding: `A transaction that writes has been open for ${minutes} minutes; what was written since is not sealed.`,
      fix: "End it: it is the longest transaction of this database, or a prepared one.",
    };
  if (behind > sinceSeal)
    return {
      finding: `Entries wait for their seal for ${minutes} minutes, though the worker seals: it has to catch up.`,
      fix: "Wait. Where it does not get less, give the worker more of a core.",
    };
  return {
    finding: `Nothing was sealed for ${minutes} minutes, so what was written since can be changed unnoticed.`,
    fix: "Start the worker; if it runs, its log says why it does not seal.",
  };
}

/** All by the one clock of the database: an entry that waits for a transaction is often only milliseconds younger than it. */
async function ask(client: pg.PoolClient, sealedTo: string, unsealedSince: string | null): Promise<Seconds | null> {
  const { rows } = await client.query<{ audited: boolean }>(
    "SELECT to_regclass('caretaker.audit_logs') IS NOT NULL AS audited",
  );
  if (!rows[0]?.audited) return null;
  const asked = await client.query<Seconds>(sql, [sealedTo, unsealedSince]);
  return asked.rows[0] ?? null;
}
