import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { recordEvent } from "../../audit/record-event.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { objectStore } from "../../objects/configured.ts";
import { isoText } from "../rows.ts";
import type { PaperReference, TenantPaper } from "./contract.ts";

const columns = `p.id, p.tenant_id AS "tenantId", p.kind, p.object IS NOT NULL AS file, p.bytes::text, p.sha256, p.rows::text, p.facts,
  p.made_by AS "madeBy", ${isoText("p.made_at")} AS "madeAt"`;

/** What was kept or written of a tenant, newest first. */
export async function listPapers(actor: Actor, tenantId: string): Promise<TenantPaper[]> {
  authorise(actor, "tenants.read");
  const { rows } = await controlPool().query<TenantPaper>(
    `SELECT ${columns} FROM tenant_papers p WHERE p.tenant_id = $1 ORDER BY p.made_at DESC, p.id LIMIT 50`,
    [tenantId],
  );
  return rows;
}

export interface NewPaper {
  tenantId: string;
  kind: TenantPaper["kind"];
  object: string | null;
  bytes: number | null;
  sha256: string | null;
  rows: number;
  facts: Record<string, unknown>;
}

/** Runs in the caller's transaction. */
export async function keepPaper(client: pg.PoolClient, actor: Actor, paper: NewPaper): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO tenant_papers (tenant_id, kind, object, bytes, sha256, rows, facts, made_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
    [
      paper.tenantId,
      paper.kind,
      paper.object,
      paper.bytes,
      paper.sha256,
      paper.rows,
      JSON.stringify(paper.facts),
      actor.name,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error("The paper was not kept.");
  return row.id;
}

/** A file of a tenant, as it is in the store; a certificate is its facts. Who takes it is recorded first; without the record nothing is handed out. */
export async function openPaper(
  actor: Actor,
  { id }: PaperReference,
): Promise<{ name: string; type: string; sha256: string | null; body: AsyncIterable<Uint8Array> }> {
  authorise(actor, "tenants.write");
  const { rows } = await controlPool().query<TenantPaper & { object: string | null }>(
    `SELECT ${columns}, p.object FROM tenant_papers p WHERE p.id = $1`,
    [id],
  );
  const [paper] = rows;
  if (!paper) throw new Refusal("not_found", "There is no such file.", { fix: "Reload the tenant's screen." });
  const { kind, object, bytes, tenantId } = paper;
  await inControl(actor, (_tx, client) =>
    recordEvent(client, {
      action: "download",
      resourceType: "tenant_papers",
      resourceId: id,
      metadata: { kind, object, bytes, tenantId },
    }),
  );
  if (object === null) {
    const text = `${JSON.stringify({ certificate: paper.id, madeBy: paper.madeBy, madeAt: paper.madeAt, ...paper.facts }, null, 2)}\n`;
    return { name: `certificate-${paper.id}.json`, type: "application/json", sha256: null, body: once(text) };
  }
  const name = object.slice(object.lastIndexOf("/") + 1);
  return { name, type: "application/octet-stream", sha256: paper.sha256, body: objectStore().read(object) };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
