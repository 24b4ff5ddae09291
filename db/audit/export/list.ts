import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { readJob } from "../../jobs/read.ts";
import { decodeCursor, type Page, toPage } from "../../page.ts";
import type { ExportDetail, ExportLink, ExportView, Manifest } from "./contract.ts";
import { columnsOf, noExport } from "./record.ts";

const pageSize = 50;

const iso = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

// An export whose job is over without it has failed or was cancelled; the job says which.
const shown = `
  export.id, export.format, export.columns, export.zone, export.query, export.keep_days AS "keepDays",
  export.estimate::text AS estimate, export.actor_name AS "actorName", ${iso("export.requested_at")} AS "requestedAt",
  ${iso("export.ready_at")} AS "readyAt", ${iso("export.expires_at")} AS "expiresAt",
  regexp_replace(export.file, '^.*/', '') AS file, export.rows::text AS rows, export.bytes::text AS bytes, export.sha256,
  CASE WHEN export.state = 'ready' AND export.expires_at <= now() THEN 'expired'
       WHEN export.state <> 'running' THEN export.state
       WHEN job.state = 'done' THEN 'running' ELSE job.state END AS state`;

const from = "FROM audit_exports AS export JOIN jobs AS job ON job.id = export.id";

/** Every export, newest first. */
export async function listExports(actor: Actor, cursor: string | null = null): Promise<Page<ExportView>> {
  authorise(actor, "audit.read");
  const [at, id] = cursor === null ? [null, null] : decodeCursor(cursor, 2);
  const { rows } = await controlPool().query<ExportView>(
    `SELECT ${shown} ${from}
      WHERE $1::timestamptz IS NULL OR (export.requested_at, export.id) < ($1::timestamptz, $2::uuid)
      ORDER BY export.requested_at DESC, export.id DESC LIMIT $3`,
    [at, id, pageSize + 1],
  );
  return toPage(rows.map(ordered), pageSize, (row) => [row.requestedAt, row.id]);
}

/** One export with its job, manifest and links. @throws Refusal `not_found` */
export async function readExport(actor: Actor, id: string): Promise<ExportDetail> {
  authorise(actor, "audit.read");
  const { rows } = await controlPool().query<ExportView & { manifest: Manifest | null }>(
    `SELECT ${shown}, export.manifest ${from} WHERE export.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw noExport();
  const links = actor.capabilities.has("audit.export") ? await linksOf(id) : [];
  return { ...ordered(row), links, job: await readJob(actor, id) };
}

async function linksOf(exportId: string): Promise<ExportLink[]> {
  const { rows } = await controlPool().query<ExportLink>(
    `SELECT id, note, issued_by AS "issuedBy", ${iso("issued_at")} AS "issuedAt", ${iso("expires_at")} AS "expiresAt",
            CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
       FROM audit_export_links WHERE export_id = $1 ORDER BY issued_at DESC, id LIMIT 200`,
    [exportId],
  );
  return rows;
}

function ordered<T extends ExportView>(row: T): T {
  return { ...row, columns: columnsOf(row.columns) };
}
