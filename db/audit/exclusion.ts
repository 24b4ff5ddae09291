import { type Actor, authorise } from "../actor.ts";
import { type AuditFilter, filterFields } from "./contract.ts";
import { searchAudit } from "./search.ts";

/** Where nothing matches: the one part of the filter that, left out, shows most; null when no single one is to blame. */
export async function whatExcludes(actor: Actor, filter: AuditFilter): Promise<keyof AuditFilter | null> {
  authorise(actor, "audit.read");
  const active = filterFields.filter((field) => filter[field] !== undefined);
  const counts = await Promise.all(
    active.map(async (field) => {
      const { rows } = await searchAudit(actor, { ...filter, [field]: undefined }, null, 200);
      return { field, found: rows.length };
    }),
  );
  const [most] = counts.toSorted((one, other) => other.found - one.found);
  return most && most.found > 0 ? most.field : null;
}
