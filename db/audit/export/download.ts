import { type Actor, authorise } from "../../actor.ts";
import { controlPool, inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { objectStore } from "../../objects/configured.ts";
import { recordEvent } from "../record-event.ts";
import type { ExportDownload, ExportPart } from "./contract.ts";
import { hashOf } from "./link-token.ts";
import { type ExportRow, exportRow, partOf } from "./record.ts";

export interface OpenedExport {
  body: AsyncIterable<Uint8Array>;
  name: string;
  bytes: number;
  /** Of the entries; a manifest has none. */
  sha256: string | null;
}

/** Opens an export for whoever is signed in, after recording who takes it. Without the record nothing is handed out. */
export async function openExport(actor: Actor, { id, part }: ExportDownload): Promise<OpenedExport> {
  authorise(actor, "audit.export");
  return open(actor, await exportRow(id), part, {});
}

/** Who comes with a link: nobody that we know, from an address that we do. */
export interface LinkVisit {
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}

/**
 * Opens an export for whoever has a link to it.
 *
 * @throws Refusal `not_found` alike for a link that never was, has expired or was revoked.
 */
export async function openExportByLink(token: string, part: ExportPart, visit: LinkVisit): Promise<OpenedExport> {
  const { rows } = await controlPool().query<{ id: string; exportId: string; note: string }>(
    `SELECT id, export_id AS "exportId", note FROM audit_export_links
      WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > now()`,
    [hashOf(token)],
  );
  const [link] = rows;
  if (!link) {
    throw new Refusal("not_found", "This link does not hold, or holds no longer.", {
      fix: "Ask whoever sent it for a new one.",
    });
  }
  return open(bearer(visit), await exportRow(link.exportId), part, { link: link.id, note: link.note });
}

async function open(
  actor: Actor,
  row: ExportRow,
  part: ExportPart,
  more: Record<string, unknown>,
): Promise<OpenedExport> {
  const { key, bytes, sha256 } = partOf(row, part);
  const found = await objectStore().find(key);
  if (!found || (bytes !== null && found.bytes !== bytes)) {
    throw new Refusal("not_found", "The export's file is gone from its store, or is not what was written.", {
      fix: "Start the export again, and find out what touched the file.",
    });
  }
  await inControl(actor, (_tx, client) =>
    recordEvent(client, {
      action: "export-downloaded",
      resourceType: "audit_exports",
      resourceId: row.id,
      metadata: { part, bytes: found.bytes, ...more },
    }),
  );
  return {
    body: objectStore().read(key),
    name: key.slice(key.lastIndexOf("/") + 1),
    bytes: found.bytes,
    sha256,
  };
}

/** Not a person and not minted: it can open nothing but what the link is for, and names itself in the log. */
function bearer({ ip, userAgent, requestId }: LinkVisit): Actor {
  return {
    kind: "system",
    staffId: null,
    name: "export link",
    role: "system",
    capabilities: new Set(),
    sessionId: null,
    apiToken: null,
    ip,
    userAgent,
    requestId,
    reauthenticatedAt: null,
  };
}
