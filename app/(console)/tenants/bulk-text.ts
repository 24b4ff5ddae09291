import { counted } from "#components/numbers/format.ts";
import type { BulkResult, TenantRow } from "#db/tenants/contract.ts";

/** The bar above the list has room for no more than this. */
const namedMax = 3;

/** What became of many tenants at once, with those that were refused by name. */
export function bulkText(
  { done, refused }: BulkResult,
  what: string,
  chosen: readonly Pick<TenantRow, "id" | "name">[],
): string {
  const head = `${counted(done, "tenant")} ${what}`;
  if (refused.length === 0) return head;
  const named = refused
    .slice(0, namedMax)
    .map(({ tenantId, message }) => `${chosen.find(({ id }) => id === tenantId)?.name ?? tenantId}: ${message}`);
  const more = refused.length > namedMax ? [`And ${refused.length - namedMax} more.`] : [];
  return [`${head}, ${refused.length} refused.`, ...named, ...more].join(" ");
}
