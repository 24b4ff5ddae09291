import type pg from "pg";
import { controlPool } from "../../control.ts";
import { objectStore } from "../../objects/configured.ts";
import { isoText } from "../rows.ts";
import { removeParts } from "./parts.ts";
import { objectPrefix } from "./write-file.ts";

/** A file of a tenant, as its certificate names it. */
export interface NamedFile extends Record<string, unknown> {
  id: string;
  kind: "export" | "archive";
  sha256: string;
  madeBy: string;
  madeAt: string;
}

/** The exports and archives that can be downloaded, oldest first. */
export async function readFiles(client: Pick<pg.ClientBase, "query">, tenantId: string): Promise<NamedFile[]> {
  const { rows } = await client.query<NamedFile>(
    `SELECT p.id, p.kind, p.sha256, p.made_by AS "madeBy", ${isoText("p.made_at")} AS "madeAt"
       FROM tenant_papers p WHERE p.tenant_id = $1 AND p.object IS NOT NULL ORDER BY p.made_at, p.id`,
    [tenantId],
  );
  return rows;
}

/** Removes every file of a tenant, those too that a killed attempt left in the store or half-written beside it. Answers which could be downloaded. */
export async function removeFiles(tenantId: string): Promise<{ files: NamedFile[] }> {
  const files = await readFiles(controlPool(), tenantId);
  const store = objectStore();
  for (const { key } of await store.list(objectPrefix(tenantId))) await store.remove(key);
  await removeParts(tenantId);
  return { files };
}

/** Runs in the caller's transaction, once the files themselves are gone. */
export async function forgetFiles(client: pg.PoolClient, tenantId: string): Promise<void> {
  await client.query("DELETE FROM tenant_papers WHERE tenant_id = $1 AND object IS NOT NULL", [tenantId]);
}
