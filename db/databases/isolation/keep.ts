import { createHash } from "node:crypto";
import type pg from "pg";
import type { Actor } from "../../actor.ts";
import { inControl } from "../../control.ts";
import type { CheckReport, Finding } from "./contract.ts";

const keptDays = 90;

/** Stores a whole check in one transaction and forgets what is older than 90 days. Answers the run's id. */
export function keepReport(actor: Actor, databaseId: string, startedAt: string, report: CheckReport): Promise<string> {
  const { role, relations, findings, limits } = report;
  const having = (verdict: string): number => relations.filter((one) => one.verdict === verdict).length;
  return inControl(actor, async (_tx, client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO isolation_runs (database_id, state, role, started_at, tables, leaking, unproven, unprotected, limits)
       VALUES ($1, 'done', $2, $3, $4, $5, $6, $7, $8)
       RETURNING id`,
      [
        databaseId,
        role,
        startedAt,
        relations.length,
        having("leaks"),
        having("unproven"),
        having("unprotected"),
        JSON.stringify(limits),
      ],
    );
    const runId = rows[0]?.id ?? "";
    await client.query(
      `INSERT INTO isolation_relations (run_id, schema, name, kind, verdict, detail, attempts)
       SELECT $1, schema, name, kind, verdict, detail, attempts
         FROM jsonb_to_recordset($2) AS one (schema text, name text, kind text, verdict text, detail text, attempts jsonb)
       ON CONFLICT DO NOTHING`,
      [runId, JSON.stringify(relations)],
    );
    await client.query(
      `INSERT INTO isolation_findings (run_id, key, evidence, kind, severity, schema, name, what, why, shows, mends, source)
       SELECT $1, key, evidence, kind, severity, schema, name, what, why, shows, mends, source
         FROM jsonb_to_recordset($2) AS one (key text, evidence text, kind text, severity text, schema text, name text,
                                             what text, why text, shows text, mends text, source text)
       ON CONFLICT DO NOTHING`,
      [runId, JSON.stringify(findings.map(withHash))],
    );
    await forgetOld(client, databaseId);
    return runId;
  });
}

export function keepFailure(
  actor: Actor,
  databaseId: string,
  startedAt: string,
  error: string,
  fix: string | null,
): Promise<void> {
  return inControl(actor, async (_tx, client) => {
    await client.query(
      "INSERT INTO isolation_runs (database_id, state, started_at, error, fix) VALUES ($1, 'failed', $2, $3, $4)",
      [databaseId, startedAt, error, fix],
    );
  });
}

/** An acceptance names a state by its hash; the state in words is in the finding itself. */
function withHash(finding: Finding): Finding {
  return { ...finding, evidence: createHash("sha256").update(finding.evidence).digest("hex") };
}

async function forgetOld(client: pg.PoolClient, databaseId: string): Promise<void> {
  await client.query(
    "DELETE FROM isolation_runs WHERE database_id = $1 AND finished_at < now() - make_interval(days => $2)",
    [databaseId, keptDays],
  );
}
