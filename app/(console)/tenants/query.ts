import { type TenantFilter, tenantFilter } from "#db/tenants/contract.ts";

type Params = Record<string, string | string[] | undefined>;

/** The list's filter from its address. What does not parse is left out and named, so that an old link still shows a list. */
export function readTenantFilter(params: Params): { filter: TenantFilter; dropped: string[] } {
  const given: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, schema] of Object.entries(tenantFilter.shape)) {
    const value = [params[name]].flat()[0];
    if (!value) continue;
    if (schema.safeParse(value).success) given[name] = value;
    else dropped.push(name);
  }
  return { filter: tenantFilter.parse(given), dropped };
}

/** The address of this view, for its later pages and for links. */
export function tenantQuery(filter: TenantFilter): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) params.set(name, String(value));
  return params.toString();
}
