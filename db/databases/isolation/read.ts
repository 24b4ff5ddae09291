import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { listAdopted } from "../../fleet.ts";
import type { Attempt, IsolationRun, KeptFinding, RelationKind, RelationResult } from "./contract.ts";

const stamp = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** With how many of its findings nobody accepted in exactly that state. */
const runColumns = `r.id, r.database_id AS "databaseId", r.state, r.role, ${stamp("r.started_at")} AS "startedAt",
       ${stamp("r.finished_at")} AS "finishedAt", r.tables, r.leaking, r.unproven, r.unprotected, r.error, r.fix, r.limits,
       open.critical, open.warnings`;

const openFindings = `
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE f.severity = 'critical')::int AS critical, count(*) FILTER (WHERE f.severity = 'warning')::int AS warnings
      FROM isolation_findings f
     WHERE f.run_id = r.id
       AND NOT EXISTS (SELECT FROM isolation_acceptances a
                        WHERE a.database_id = r.database_id AND a.key = f.key AND a.evidence = f.evidence AND a.withdrawn_at IS NULL)
  ) AS open`;

export interface DatabaseIsolation {
  databaseId: string;
  name: string;
  serverName: string;
  applicationRole: string | null;
  /** The newest check that was made to its end. */
  run: IsolationRun | null;
  /** A newer one that failed. */
  failure: IsolationRun | null;
}

/** How every adopted database stands, from the control database alone. */
export async function fleetIsolation(actor: Actor): Promise<DatabaseIsolation[]> {
  authorise(actor, "databases.read");
  const adopted = await listAdopted();
  const { rows } = await controlPool().query<IsolationRun>(
    `SELECT ${runColumns}
       FROM unnest($1::uuid[]) AS wanted (id)
      CROSS JOIN LATERAL (
        (SELECT * FROM isolation_runs one WHERE one.database_id = wanted.id AND one.state = 'done' ORDER BY finished_at DESC LIMIT 1)
        UNION ALL
        (SELECT * FROM isolation_runs one WHERE one.database_id = wanted.id AND one.state = 'failed' ORDER BY finished_at DESC LIMIT 1)
      ) AS r ${openFindings}`,
    [adopted.map(({ id }) => id)],
  );
  return adopted.map(({ id, name, serverName, applicationRole }) => {
    const run = rows.find(({ databaseId, state }) => databaseId === id && state === "done") ?? null;
    const failed = rows.find(({ databaseId, state }) => databaseId === id && state === "failed") ?? null;
    const failure = failed && (run === null || failed.finishedAt > run.finishedAt) ? failed : null;
    return { databaseId: id, name, serverName, applicationRole, run, failure };
  });
}

export type RelationLine = Omit<RelationResult, "attempts"> & { attempts: number; skipped: number };

export interface IsolationDetail {
  run: IsolationRun | null;
  failure: IsolationRun | null;
  /** Newest first. */
  history: IsolationRun[];
  findings: KeptFinding[];
  relations: RelationLine[];
}

/** The newest check of one database: its findings with who accepted them, and a line a relation, the worst first. */
export async function readIsolation(actor: Actor, databaseId: string): Promise<IsolationDetail> {
  authorise(actor, "databases.read");
  const { rows: history } = await controlPool().query<IsolationRun>(
    `SELECT ${runColumns} FROM isolation_runs r ${openFindings} WHERE r.database_id = $1 ORDER BY r.finished_at DESC LIMIT 20`,
    [databaseId],
  );
  const run = history.find(({ state }) => state === "done") ?? null;
  const [newest] = history;
  const failure = newest?.state === "failed" ? newest : null;
  if (!run) return { run, failure, history, findings: [], relations: [] };
  const findings = await readFindings(databaseId, run.id);
  const { rows: relations } = await controlPool().query<RelationLine>(
    `SELECT schema, name, kind, verdict, detail, jsonb_array_length(attempts) AS attempts,
            (SELECT count(*) FROM jsonb_array_elements(attempts) AS one WHERE one ->> 'outcome' = 'skipped')::int AS skipped
       FROM isolation_relations
      WHERE run_id = $1
      ORDER BY array_position(ARRAY['leaks', 'unproven', 'unprotected', 'proven'], verdict), schema, name`,
    [run.id],
  );
  return { run, failure, history, findings, relations };
}

async function readFindings(databaseId: string, runId: string): Promise<KeptFinding[]> {
  const { rows } = await controlPool().query<KeptFinding>(
    `SELECT f.key, f.evidence, f.kind, f.severity, f.schema, f.name, f.what, f.why, f.shows, f.mends, f.source,
            CASE WHEN a.id IS NOT NULL THEN
              jsonb_build_object('id', a.id, 'reason', a.reason, 'acceptedBy', a.accepted_by_name, 'acceptedAt', ${stamp("a.accepted_at")})
            END AS acceptance,
            a.id IS NULL AND EXISTS (SELECT FROM isolation_acceptances old
                                      WHERE old.database_id = $1 AND old.key = f.key AND old.withdrawn_at IS NULL) AS returned
       FROM isolation_findings f
       LEFT JOIN isolation_acceptances a ON a.database_id = $1 AND a.key = f.key AND a.evidence = f.evidence AND a.withdrawn_at IS NULL
      WHERE f.run_id = $2
      ORDER BY a.id IS NOT NULL, array_position(ARRAY['critical', 'warning', 'note'], f.severity), f.schema, f.name, f.kind`,
    [databaseId, runId],
  );
  return rows;
}

export interface RelationDetail extends RelationResult {
  findings: KeptFinding[];
}

/** Everything that was tried at one relation in the newest check; null when that did not know it. */
export async function readIsolationOf(
  actor: Actor,
  databaseId: string,
  { schema, name, kind }: { schema: string; name: string; kind: RelationKind },
): Promise<RelationDetail | null> {
  authorise(actor, "databases.read");
  const { rows } = await controlPool().query<Omit<RelationResult, "attempts"> & { attempts: Attempt[]; runId: string }>(
    `SELECT one.run_id AS "runId", one.schema, one.name, one.kind, one.verdict, one.detail, one.attempts
       FROM isolation_relations one
      WHERE one.run_id = (SELECT id FROM isolation_runs WHERE database_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1)
        AND (one.schema, one.name, one.kind) = ($2, $3, $4)`,
    [databaseId, schema, name, kind],
  );
  const [found] = rows;
  if (!found) return null;
  const findings = await readFindings(databaseId, found.runId);
  return { ...found, findings: findings.filter((one) => one.schema === schema && one.name === name) };
}
