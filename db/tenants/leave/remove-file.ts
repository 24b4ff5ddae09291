import { type Actor, authorise } from "../../actor.ts";
import { recordEvent } from "../../audit/record-event.ts";
import { controlPool, inControl } from "../../control.ts";
import { requireConsent } from "../../danger.ts";
import { Refusal } from "../../errors.ts";
import { objectStore } from "../../objects/configured.ts";
import { limits } from "../../transaction.ts";
import { lockTenant } from "../lock.ts";
import type { RemoveFile } from "./contract.ts";
import { refuseLeaving } from "./exclude.ts";

interface StoredPaper {
  tenantId: string;
  kind: "export" | "archive";
  object: string;
  bytes: string;
  sha256: string;
}

/**
 * Removes one export or archive for good; the tenant's name was typed. Certificates stay. The file goes before its record is gone: after
 * a crash between the two it is still listed, and removing it again repairs that.
 *
 * @throws Refusal `not_found`, or `conflict` while the tenant leaves: the archive may be what its rows are removed for.
 */
export async function removeFile(actor: Actor, { id, ...consent }: RemoveFile): Promise<{ tenantId: string }> {
  authorise(actor, "tenants.write");
  const { tenantId, object, ...paper } = await storedPaper(id);
  return await inControl(
    actor,
    async (tx, client) => {
      const tenant = await lockTenant(client, tenantId);
      const need = { verb: "tenants.remove_file", tier: "irreversible" as const, subject: tenant.name };
      await requireConsent(tx, actor, need, consent);
      await refuseLeaving(client, tenant);
      const { rowCount } = await client.query("DELETE FROM tenant_papers WHERE id = $1", [id]);
      if (rowCount === 0) throw missing();
      await recordEvent(client, {
        action: "remove",
        resourceType: "tenant_papers",
        resourceId: id,
        metadata: { ...paper, object, tenantId },
      });
      await objectStore().remove(object);
      return { tenantId };
    },
    { reason: consent.reason ?? null, limits: limits.long },
  );
}

async function storedPaper(id: string): Promise<StoredPaper> {
  const { rows } = await controlPool().query<StoredPaper>(
    `SELECT p.tenant_id AS "tenantId", p.kind, p.object, p.bytes::text, p.sha256
       FROM tenant_papers p WHERE p.id = $1 AND p.object IS NOT NULL`,
    [id],
  );
  const [paper] = rows;
  if (!paper) throw missing();
  return paper;
}

function missing(): Refusal {
  return new Refusal("not_found", "There is no such file.", { fix: "Reload the tenant's screen." });
}
