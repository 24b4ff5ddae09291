/** What a tenant's own schema, or database made with it, is called: by its id, since names are for people and change. */
export function ownName(tenantId: string): string {
  return `t_${BigInt(`0x${tenantId.replaceAll("-", "")}`).toString(36)}`;
}

/** A moved tenant's own database: its home's name comes first, cut so that of the 63 bytes of a name none of the id's is lost. */
export function ownDatabaseName(home: string, tenantId: string): string {
  const own = `_${ownName(tenantId)}`;
  const begin = Buffer.from(home).subarray(0, 63 - own.length);
  return begin.toString().replace(/\uFFFD+$/, "") + own;
}
