"use client";
import { usePathname, useSearchParams } from "next/navigation";

export interface Scope {
  database: string | null;
  tenant: string | null;
}

/** What the screens are narrowed to. The URL carries it, so that a link shows the same to whoever opens it. */
export function useScope(): Scope {
  const query = useSearchParams();
  return { database: query.get("database") || null, tenant: query.get("tenant") || null };
}

/** An address within a scope. */
export function scoped(href: string, scope: Scope): string {
  const [path = "", query = ""] = href.split("?");
  const params = new URLSearchParams(query);
  if (scope.database) params.set("database", scope.database);
  if (scope.tenant) params.set("tenant", scope.tenant);
  return params.size > 0 ? `${path}?${params}` : path;
}

/** This screen in another scope. Its other filters stay; a detail page leads back to its list, since the thing may lie elsewhere. */
export function useRescope(): (scope: Scope) => string {
  const path = usePathname();
  const query = useSearchParams();
  return (scope) => {
    const params = new URLSearchParams(query);
    params.delete("database");
    params.delete("tenant");
    const [, area = ""] = path.split("/");
    return scoped(`/${area}${params.size > 0 ? `?${params}` : ""}`, scope);
  };
}
