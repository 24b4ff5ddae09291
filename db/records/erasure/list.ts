import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { decodeCursor, type Page, toPage } from "../../page.ts";
import type { ErasureCheck, ErasureRecord, ErasuresQuery } from "./contract.ts";

const pageSize = 50;

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

// Never what is sealed. A search whose job is over without an answer has failed.
const columns = `
  e.id, e.database_id AS database, coalesce(d.name, e.database_id::text) AS "databaseName", e.subject,
  e.subject_ref AS "subjectRef", e.basis, e.state, e.reason, e.asked_by AS "askedBy", e.proposed_by AS "proposedBy",
  e.approved_by AS "approvedBy", ${iso("e.asked_at")} AS "askedAt", ${iso("e.started_at")} AS "startedAt",
  ${iso("e.finished_at")} AS "finishedAt", coalesce(e.error, run.error, CASE WHEN e.state = 'finding' THEN find.error END) AS error,
  e.find_job_id AS "findJob", e.run_job_id AS "runJob", e.plan_hash AS "planHash", e.rehearsed_hash AS "rehearsedHash",
  e.certificate,
  (SELECT json_build_object('at', ${iso("c.checked_at")}, 'clean', c.clean, 'remaining', c.remaining, 'what', c.what) FROM erasure_checks AS c
    WHERE c.erasure_id = e.id ORDER BY c.checked_at DESC LIMIT 1) AS "lastCheck"`;

const from = `FROM erasures AS e LEFT JOIN databases AS d ON d.id = e.database_id
  LEFT JOIN jobs AS find ON find.id = e.find_job_id LEFT JOIN jobs AS run ON run.id = e.run_job_id`;

/** Newest first. */
export async function listErasures(actor: Actor, query: ErasuresQuery): Promise<Page<ErasureRecord>> {
  authorise(actor, "records.read");
  const [at, id] = query.cursor ? decodeCursor(query.cursor, 2) : [null, null];
  const { rows } = await controlPool().query<ErasureRecord>(
    `SELECT ${columns} ${from}
      WHERE ($1::uuid IS NULL OR e.database_id = $1) AND ($2::timestamptz IS NULL OR (e.asked_at, e.id) < ($2, $3::uuid))
      ORDER BY e.asked_at DESC, e.id DESC LIMIT $4`,
    [query.database ?? null, at, id, pageSize + 1],
  );
  return toPage(rows, pageSize, (row) => [row.askedAt, row.id]);
}

/** @throws Refusal `not_found` */
export async function readErasure(actor: Actor, id: string): Promise<ErasureRecord> {
  authorise(actor, "records.read");
  const { rows } = await controlPool().query<ErasureRecord>(`SELECT ${columns} ${from} WHERE e.id = $1`, [id]);
  const [row] = rows;
  if (row) return row;
  throw new Refusal("not_found", "There is no such erasure.", { fix: "Look for it in the list of erasures." });
}

/** The erasure whose plan has this hash, as an approval names it; null when there is none any more. */
export async function erasureOfPlan(actor: Actor, hash: string): Promise<string | null> {
  authorise(actor, "records.read");
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT id FROM erasures WHERE $1 IN (rehearsed_hash, plan_hash) ORDER BY asked_at DESC LIMIT 1",
    [hash],
  );
  return rows[0]?.id ?? null;
}

/** Each search and replay after an erasure, newest first. */
export async function listChecks(actor: Actor, id: string): Promise<ErasureCheck[]> {
  authorise(actor, "records.read");
  const { rows } = await controlPool().query<ErasureCheck>(
    `SELECT c.id, c.what, c.clean, c.applied, c.remaining, c.not_reached AS "notReached", c.actor_name AS "actorName",
            coalesce(d.name, c.database_id::text) AS "databaseName", ${iso("c.checked_at")} AS "checkedAt"
       FROM erasure_checks AS c LEFT JOIN databases AS d ON d.id = c.database_id
      WHERE c.erasure_id = $1 ORDER BY c.checked_at DESC LIMIT 50`,
    [id],
  );
  return rows;
}
