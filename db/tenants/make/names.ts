/** What a tenant's own schema or database is called: by its id, since names are for people and change. */
export function ownName(tenantId: string): string {
  return `t_${BigInt(`0x${tenantId.replaceAll("-", "")}`).toString(36)}`;
}
