import { z } from "zod";

// What screens, the command line and the verbs of db/databases agree on.

const tlsModes = ["disable", "require", "verify-full"] as const;

const name = z.string().trim().min(1, "Give it a name.").max(100);
const host = z.string().trim().min(1, "Give a host name or an address.").max(255);
const port = z.coerce.number().int().min(1).max(65_535);
const certificate = z
  .string()
  .trim()
  .max(100_000)
  .transform((text) => (text === "" ? null : text))
  .nullable()
  .default(null);

export const serverFields = z.object({
  host,
  port: port.default(5432),
  tlsMode: z.enum(tlsModes).default("verify-full"),
  tlsCertificate: certificate,
  username: z.string().trim().min(1, "Give the user to sign in as.").max(63),
  password: z.string().max(1_000).default(""),
});

/** A server by its fields, or by one pasted URL; which of them is whole is judged when it is parsed. */
export const serverInput = z.object({
  url: z.string().trim().max(4_000).optional(),
  host: z.string().optional(),
  port: z.union([z.string(), z.number()]).optional(),
  tlsMode: z.enum(tlsModes).optional(),
  tlsCertificate: certificate,
  username: z.string().optional(),
  password: z.string().optional(),
  /** Where the server itself is asked; a URL names its own. */
  database: z.string().trim().max(63).optional(),
});

export const addServerInput = serverInput.extend({ name });
export const changeServerInput = serverInput.extend({ serverId: z.uuid() });
export const serverId = z.object({ serverId: z.uuid() });
export const databaseId = z.object({ databaseId: z.uuid() });
export const addDatabaseInput = z.object({ serverId: z.uuid(), name: z.string().min(1, "Choose a database.").max(63) });

export type ServerInput = z.input<typeof serverInput>;
export type AddServer = z.input<typeof addServerInput>;
export type ChangeServer = z.input<typeof changeServerInput>;
export type AddDatabase = z.infer<typeof addDatabaseInput>;

const tableClasses = ["tenant", "child", "reference", "ignored"] as const;

const identifier = z.string().min(1).max(63);
const columns = z.array(identifier).max(1_600);

const namedTable = z.object({
  schema: identifier,
  table: identifier,
  key: identifier,
  name: identifier.nullable(),
  slug: identifier.nullable(),
});

const pathStep = z.object({ schema: identifier, table: identifier, columns, parentColumns: columns });

export const tableModel = z.object({
  schema: identifier,
  name: identifier,
  class: z.enum(tableClasses),
  /** Why, in one sentence. */
  reason: z.string().max(1_000),
  tenantColumn: identifier.nullable(),
  /** From a child table to one with a tenant column, nearest parent first. */
  tenantPath: z.array(pathStep),
  tenantConstant: z.string().max(1_000).nullable(),
  primaryKey: columns,
  softDelete: z.object({ column: identifier, kind: z.enum(["timestamp", "boolean"]) }).nullable(),
  audited: z.boolean(),
  maskedColumns: columns,
  ignoredColumns: columns,
  rowSecurity: z.boolean(),
  /** Whether the plan keeps a view active_<table> of its live rows. */
  activeView: z.boolean(),
  /** Whether the plan keeps the rows that the application removes, in deleted_<table>_archive. */
  archive: z.boolean().default(false),
  graceDays: z.number().int().min(1).max(36_500),
});

export const databaseModel = z.object({
  tenantsTable: namedTable.nullable(),
  usersTable: namedTable.nullable(),
  applicationRole: identifier.nullable(),
  /** Set when the whole database is one tenant's own: its key, and the database whose tenants table lists it. */
  ownTenantKey: z.string().min(1).max(1_000).nullable(),
  homeDatabaseId: z.uuid().nullable(),
  tables: z.array(tableModel).max(20_000),
});

/** `modelHash` of the model that was confirmed when the editor read it: what has changed since is not overwritten. */
const basis = z.string().regex(/^[0-9a-f]{64}$/, "It does not say which confirmed model it corrects.");

export const confirmModelInput = z.object({ databaseId: z.uuid(), model: databaseModel, basis: basis.optional() });

/** A model as a file holds it between `adopt model --json` and `adopt model --file`. */
export const modelFile = databaseModel.extend({ basis });

export type TableModel = z.infer<typeof tableModel>;
export type DatabaseModel = z.infer<typeof databaseModel>;
export type ConfirmModel = z.infer<typeof confirmModelInput>;

/** What the classifier knows beyond the model, for the screen that corrects it. */
export interface TableEvidence {
  schema: string;
  name: string;
  rows: number | null;
  bytes: number;
  partitions: number;
  columns: { name: string; type: string; notNull: boolean; generated: boolean }[];
  /** Columns that an administrator may want to leave out of "what changed", such as updated_at. */
  suggestedIgnored: string[];
  /** Other ways to a tenant than the one chosen. */
  otherPaths: string[];
}

export interface ProposedModel extends DatabaseModel {
  evidence: TableEvidence[];
  /** Tables that could list the tenants, best first. */
  tenantsCandidates: { schema: string; table: string; reason: string }[];
  roles: { name: string; note: string }[];
}

/** Something a person should know before a plan runs. One that is blocking stops it. */
export interface PlanProblem {
  severity: "blocking" | "warning" | "note";
  /** "schema.table", or the database. */
  subject: string;
  message: string;
  fix: string;
}

/** One difference between the model that was confirmed and the database as it is. */
export interface Drift {
  table: string;
  what: string;
  fix: string;
}

/** The largest model that the screen's form can send, of some 14,000 tables: what next.config.ts lets in is little more. */
export const modelBytesMax = 8_000_000;

/** The model as the screen's form sends it: one field of JSON. */
export const confirmModelForm = z.object({
  databaseId: z.uuid(),
  basis,
  model: z
    .string()
    .max(modelBytesMax)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "The model is damaged." });
        return z.NEVER;
      }
    })
    .pipe(databaseModel),
});
