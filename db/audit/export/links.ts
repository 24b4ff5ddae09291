import { and, eq, isNull, sql } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { environment } from "../../environment.ts";
import { Refusal } from "../../errors.ts";
import { auditExportLinks } from "../../schema/exports.ts";
import { recordEvent } from "../record-event.ts";
import type { IssueLink } from "./contract.ts";
import { newToken } from "./link-token.ts";
import { assertReady, exportRow } from "./record.ts";

/**
 * A link that downloads an export without an account until it expires, for a reviewer who has none. It is shown once; a new one
 * can be issued at any time while the file is kept.
 */
export async function issueExportLink(
  actor: Actor,
  { id, hours, note }: IssueLink,
): Promise<{ url: string; manifestUrl: string; linkId: string }> {
  authorise(actor, "audit.export");
  const row = await exportRow(id);
  assertReady(row);
  const { token, hash } = newToken();
  const linkId = await inControl(actor, async (tx, client) => {
    const [link] = await tx
      .insert(auditExportLinks)
      .values({
        exportId: id,
        tokenHash: hash,
        note,
        issuedBy: actor.name,
        expiresAt: sql`least(now() + make_interval(hours => ${hours}), ${row.expiresAt}::timestamptz)`,
      })
      .returning({ id: auditExportLinks.id });
    if (!link) throw new Error("The link was not recorded.");
    await recordEvent(client, {
      action: "export-link-issued",
      resourceType: "audit_exports",
      resourceId: id,
      metadata: { link: link.id, hours, note },
    });
    return link.id;
  });
  const url = new URL(`/api/audit/export-links/${token}`, environment().CARETAKER_URL).href;
  return { url, manifestUrl: `${url}?part=manifest`, linkId };
}

/** Ends a link at once. */
export async function revokeExportLink(actor: Actor, { linkId }: { linkId: string }): Promise<void> {
  authorise(actor, "audit.export");
  await inControl(actor, async (tx, client) => {
    const [link] = await tx
      .update(auditExportLinks)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(auditExportLinks.id, linkId), isNull(auditExportLinks.revokedAt)))
      .returning({ exportId: auditExportLinks.exportId });
    if (!link)
      throw new Refusal("not_found", "There is no such link, or it is revoked.", { fix: "Reload the export." });
    await recordEvent(client, {
      action: "export-link-revoked",
      resourceType: "audit_exports",
      resourceId: link.exportId,
      metadata: { link: linkId },
    });
  });
}
