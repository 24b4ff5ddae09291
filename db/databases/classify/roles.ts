import type { CatalogRole } from "../catalog/roles.ts";
import type { Catalog, CatalogTable } from "../catalog.ts";

/** The role the application most likely connects as: it writes most tables, is connected, and is neither superuser nor us. */
export function findApplicationRole(catalog: Catalog): string | null {
  const total = Math.max(catalog.tables.length, 1);
  const [best] = catalog.roles
    .filter((role) => role.writable > 0)
    .map((role) => ({ role, score: scoreOf(role, total) }))
    .sort((a, b) => b.score - a.score || (a.role.name < b.role.name ? -1 : 1));
  return best?.role.name ?? null;
}

function scoreOf(role: CatalogRole, total: number): number {
  const named = /app|web|api|service|saas|rails|django|prisma/.test(role.name) ? 0.3 : 0;
  const against = (role.superuser ? 2 : 0) + (role.isCaretaker ? 1 : 0) + (role.bypassesRowSecurity ? 0.3 : 0);
  return role.writable / total + (role.connections > 0 ? 1 : 0) + named - against - (role.owned > 0 ? 0.1 : 0);
}

/** One line that says what a role can do here, for the person who chooses. */
export function roleNote(role: CatalogRole, tables: CatalogTable[]): string {
  if (role.superuser) return "superuser: row-level security never applies to it";
  if (role.bypassesRowSecurity) return "has BYPASSRLS: row-level security never applies to it";
  const owns = role.owned > 0 ? `owns ${role.owned}, ` : "";
  const connected = role.connections > 0 ? `, ${role.connections} connected now` : "";
  return `${owns}writes ${role.writable} of ${tables.length} tables${connected}`;
}
