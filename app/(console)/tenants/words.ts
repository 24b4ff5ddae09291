import type { StatusKind } from "#components/feedback/status.tsx";
import type { TenantStatus, Tier } from "#db/tenants/contract.ts";

export const statusKinds: Record<TenantStatus, StatusKind> = {
  active: "good",
  suspended: "warning",
  archived: "neutral",
};

/** Where a tenant's rows lie, in words. */
export const tierWords: Record<Tier, string> = {
  shared: "shared tables",
  schema: "its own schema",
  database: "its own database",
};

/** A tier as a heading or a choice. */
export const tierNames: Record<Tier, string> = {
  shared: "Shared tables",
  schema: "Own schema",
  database: "Own database",
};
