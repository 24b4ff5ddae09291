import { z } from "zod";

export const tiers = ["shared", "schema", "database"] as const;
export type Tier = (typeof tiers)[number];

export const statuses = ["active", "suspended", "archived"] as const;
export type TenantStatus = (typeof statuses)[number];

/** Each has an index; any other order would read every tenant. A minus turns it round. */
export const tenantSorts = [
  ...["name", "-name", "size", "-size", "growth", "-growth"],
  ...["writes", "-writes", "active", "-active", "created", "-created"],
] as const;
export type TenantSort = (typeof tenantSorts)[number];

const id = z.uuid("must be an id");
const emptyIsAbsent = (value: unknown) => (value === "" ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(emptyIsAbsent, schema.optional());

/** The one filter of the page, the API and the command line. */
export const tenantFilter = z.object({
  database: optional(id),
  /** Part of a name or slug, or a whole key or id. */
  q: optional(z.string().trim().max(200)),
  tier: optional(z.enum(tiers)),
  status: optional(z.enum(statuses)),
  /** Bytes, at least. */
  larger: optional(z.coerce.number().int().nonnegative()),
  /** Days without a recorded write, at least. */
  idle: optional(z.coerce.number().int().min(1).max(3_650)),
  /** Those that should live elsewhere. */
  advised: optional(z.enum(["any", ...tiers])),
  /** Those whose contract promises a database of their own. */
  dedicated: optional(z.enum(["yes", "no"])),
  sort: z.preprocess(emptyIsAbsent, z.enum(tenantSorts).default("name")),
  limit: z.preprocess(emptyIsAbsent, z.coerce.number().int().min(1).max(200).default(50)),
});
export type TenantFilter = z.infer<typeof tenantFilter>;

export const tenantPageQuery = tenantFilter.extend({ cursor: optional(z.string().max(2_000)) });

export interface TenantRow {
  id: string;
  key: string;
  name: string;
  slug: string | null;
  status: TenantStatus;
  tier: Tier | null;
  databaseId: string;
  databaseName: string;
  serverName: string;
  schema: string | null;
  /** Estimated bytes as digits; null when never measured. */
  sizeBytes: string | null;
  sizedAt: string | null;
  /** 0.1 means plus or minus 10 % at 95 % confidence; null when unknown. */
  sizeError: number | null;
  /** Bytes a day; null before it was measured on two days. */
  growthBytes: string | null;
  /** Recorded writes in the day before they were counted. */
  writes: string | null;
  /** Their share of the database's. */
  writeShare: number | null;
  lastActiveAt: string | null;
  /** Where it should live, and why; null where it lives right. */
  advisedTier: Tier | null;
  adviceReason: string | null;
  dedicated: boolean;
  createdAt: string;
}

export interface TenantCount {
  /** Exact up to 10,000. */
  count: number;
  more: boolean;
}

export interface Placement {
  id: string;
  tier: Tier;
  databaseId: string;
  databaseName: string;
  serverName: string;
  schema: string;
  state: string;
  openedAt: string;
  closedAt: string | null;
}

export interface TableSize {
  schema: string;
  name: string;
  rows: string | null;
  bytes: string;
  method: "exact" | "sample" | "pages";
  /** 0.1 means plus or minus 10 % at 95 % confidence; null when unknown. */
  errorRatio: number | null;
  sizedAt: string;
}

/** What it held at the end of a day on which that had changed. */
export interface SizeDay {
  day: string;
  bytes: string;
  /** Of its largest tables, by "schema.table". */
  tables: Record<string, number>;
}

/** A connection that says whose it is. */
export interface TenantConnection {
  pid: number;
  application: string;
  role: string;
  state: string;
  statement: string;
  /** In this state. */
  seconds: number | null;
}

/** What its statements cost since the server's figures were last reset, dearest first; or why that is not known. */
export type TenantStatements =
  | { kept: "here"; statements: { query: string; calls: number; milliseconds: number; rows: number }[] }
  | { kept: "missing"; databaseName: string }
  | { kept: "shared" };

export interface TenantSettings {
  /** The application's own table of tenants; null where its model names none. */
  table: string | null;
  /** The tenant's row there. A masked value stays in its database. */
  row: { name: string; value: string | null; masked: boolean }[];
  /** What PostgreSQL sets in a database of its own, for everybody or for one role. */
  database: { name: string; value: string; role: string | null }[];
}

export interface TenantDetail extends TenantRow {
  statusReason: string | null;
  statusChangedAt: string;
  /** Where the contract says that its data must stay. */
  residency: string | null;
  notes: string;
  /** Newest first; the open one is where the tenant lives. */
  placements: Placement[];
  sizes: TableSize[];
}

/** A column of the managed application's tenants table that somebody must fill before a tenant can be created. */
export interface AskedColumn {
  name: string;
  type: string;
  required: boolean;
  /** Labels of an enum, true and false of a boolean; null when anything of the type goes. */
  choices: string[] | null;
  /** The table that a foreign key points to. */
  references: string | null;
}

export interface CreateForm {
  databaseId: string;
  databaseName: string;
  keyColumn: string;
  nameColumn: string | null;
  slugColumn: string | null;
  asked: AskedColumn[];
}

const tenantName = z.string().trim().min(1, "must not be empty").max(200);

export const createTenantInput = z.object({
  databaseId: id,
  name: tenantName,
  slug: optional(z.string().trim().min(1).max(200)),
  /** What the catalog cannot guess, by column. */
  values: z.record(z.string(), z.string()).default({}),
  reason: optional(z.string().trim().max(500)),
});
export type CreateTenant = z.infer<typeof createTenantInput>;

/** A tenant with tables of its own, in a schema of the database that lists it or in a database of its own. */
export const planTenantInput = createTenantInput.extend({
  tier: z.enum(["schema", "database"]),
  /** The registered server for a database of its own; without it, the one that lists the tenant. */
  serverId: optional(id),
});
export type PlanTenant = z.infer<typeof planTenantInput>;

/** The same from an address or a form, whose fields for columns are called "values.COLUMN". */
export const planTenantForm = z.preprocess(gatherValues, planTenantInput);

export const startTenantInput = planTenantInput.extend({
  /** Chosen with the plan: it names the schema or database. */
  tenantId: id,
  planHash: z.string().min(1).max(200),
});
export type StartTenant = z.infer<typeof startTenantInput>;

export const startTenantForm = z.preprocess(gatherValues, startTenantInput);

export interface TenantPlan {
  tenantId: string;
  tier: "schema" | "database";
  databaseName: string;
  /** What will hold the tenant: a schema, or a database. */
  place: string;
  tables: number;
  statements: {
    sql: string;
    object: string;
    lock: string;
    why: string;
    transactional: boolean;
  }[];
  problems: { severity: "blocking" | "warning" | "note"; subject: string; message: string; fix: string }[];
  hash: string;
}

/** The same from a form, whose fields for columns are called "values.COLUMN". */
export const createTenantForm = z.preprocess(gatherValues, createTenantInput);

function gatherValues(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  const fields = Object.entries(input).filter(([name]) => name.startsWith("values."));
  if (fields.length === 0) return input;
  return { ...input, values: Object.fromEntries(fields.map(([name, value]) => [name.slice("values.".length), value])) };
}

export const renameTenantInput = z.object({ tenantId: id, name: tenantName });
export type RenameTenant = z.infer<typeof renameTenantInput>;

export const suspendTenantInput = z.object({
  tenantId: id,
  reason: z.string().trim().min(1, "must say why").max(500),
  /** The tenant's name, typed by hand. */
  typed: optional(z.string().max(500)),
});
export type SuspendTenant = z.infer<typeof suspendTenantInput>;

export const reopenTenantInput = z.object({ tenantId: id, reason: optional(z.string().trim().max(500)) });
export type ReopenTenant = z.infer<typeof reopenTenantInput>;

/** Many at once: each is judged by itself, and the refused ones are named. */
const manyIds = z.preprocess(
  (value) => (typeof value === "string" ? value.split(",") : value),
  z.array(id).min(1).max(200),
);

export const bulkSuspendInput = z.object({
  tenantIds: manyIds,
  reason: z.string().trim().min(1, "must say why").max(500),
  /** How many they are, as `manyTenants` says it, typed by hand. */
  typed: optional(z.string().max(500)),
});
export type BulkSuspend = z.infer<typeof bulkSuspendInput>;

export const bulkReopenInput = z.object({ tenantIds: manyIds });

export const adviceQuery = z.object({
  database: optional(id),
  move: z.preprocess((value) => (value === "" ? undefined : value), manyIds.optional()),
});
export type BulkReopen = z.infer<typeof bulkReopenInput>;

export interface BulkResult {
  done: number;
  refused: { tenantId: string; message: string }[];
}

export const describeTenantInput = z.object({
  tenantId: id,
  notes: z.string().trim().max(10_000).default(""),
  residency: z.preprocess(emptyIsAbsent, z.string().trim().max(100).nullable().default(null)),
  dedicated: z.preprocess((value) => value === true || value === "true" || value === "on", z.boolean()),
});
export type DescribeTenant = z.infer<typeof describeTenantInput>;

export const sizeTenantsInput = z.object({ databaseId: id });
export type SizeTenants = z.infer<typeof sizeTenantsInput>;

/** Which of a tenant's tables would refuse a suspended tenant. */
export interface Enforcement {
  applicationRole: string | null;
  /** The role is a superuser or has BYPASSRLS, so that no policy applies to it. */
  bypassed: boolean;
  enforced: string[];
  open: string[];
}

export interface Suspension {
  tenantId: string;
  status: TenantStatus;
  enforcement: Enforcement;
}
