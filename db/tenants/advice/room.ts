import type { ServerLimits } from "./contract.ts";
import { count, size } from "./words.ts";

/** What `more` tables of a database make of its server. */
export function loadOf(limits: ServerLimits, more: number): { tables: number; catalogBytes: number; memory: number } {
  const tables = limits.tables + more;
  return {
    tables,
    catalogBytes: limits.catalogBytes + more * limits.catalogBytesPerTable,
    // Of every connection, once it has used every table.
    memory: tables * limits.bytesPerTable * limits.connections,
  };
}

/** What `more` tables would be too much for, as it follows "there would be"; null where there is room for them. */
export function lackOf(limits: ServerLimits, more: number): string | null {
  const { tables, catalogBytes, memory } = loadOf(limits, more);
  const { lockableTables, bufferBytes, cacheBytes, connections } = limits;
  if (tables > lockableTables)
    return `more than the ${count(lockableTables)} tables that a transaction of this server can lock`;
  if (catalogBytes > bufferBytes)
    return `${size(catalogBytes)} of catalogs, more than the ${size(bufferBytes)} of this server's shared buffers`;
  if (memory > cacheBytes)
    return `${size(memory)} in ${count(connections)} connections that have used every table, more than the ${size(cacheBytes)} that this server has for caches`;
  return null;
}
