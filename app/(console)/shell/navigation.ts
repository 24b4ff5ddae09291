import type { Capability } from "#db/capabilities.ts";

export interface Place {
  href: string;
  label: string;
  capability: Capability;
  /** Pressed after g. */
  key: string;
}

/** The rail, top to bottom. */
export const places: readonly Place[] = [
  { href: "/", label: "Overview", capability: "overview.read", key: "o" },
  { href: "/tenants", label: "Tenants", capability: "tenants.read", key: "t" },
  { href: "/audit", label: "Audit", capability: "audit.read", key: "a" },
  { href: "/deleted", label: "Deleted", capability: "records.read", key: "d" },
  { href: "/performance", label: "Performance", capability: "health.read", key: "p" },
  { href: "/backups", label: "Backups", capability: "backups.read", key: "b" },
  { href: "/databases", label: "Databases", capability: "databases.read", key: "m" },
  { href: "/settings", label: "Settings", capability: "self.manage", key: "s" },
];

export function isWithin(href: string, path: string): boolean {
  return href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`);
}
