import { z } from "zod";
import { consentSchema } from "../../approvals/contract.ts";

export const deletions = ["soft", "hard", "never"] as const;

export type Deletion = (typeof deletions)[number];

const defaultGraceDays = 30;

const table = z
  .string()
  .trim()
  .max(127)
  .regex(/^[^.]+\.[^.]+$/, "Give schema and table: public.orders.");

const tenant = z
  .string()
  .trim()
  .max(400)
  .nullish()
  .transform((text) => text || null);

export const policyChange = z
  .object({
    databaseId: z.uuid(),
    table,
    tenant,
    deletion: z.enum(deletions),
    graceDays: z.coerce.number().int().min(0).max(36_500, "At most 100 years.").default(defaultGraceDays),
  })
  .refine(({ deletion, graceDays }) => deletion !== "soft" || graceDays > 0, {
    path: ["graceDays"],
    message: "At least one day.",
  })
  .transform((change) => (change.deletion === "soft" ? change : { ...change, graceDays: 0 }));

export type PolicyChange = z.output<typeof policyChange>;

export const setPolicySchema = policyChange.and(
  z.object({
    planHash: z.string().max(200),
    reason: z.string().trim().min(1, "Say why; it stays with the policy.").max(500),
  }),
);

export type SetPolicy = z.output<typeof setPolicySchema>;

export const policyReference = z.object({ id: z.uuid() });

export const switchOnSchema = policyReference.extend(consentSchema.shape);

export type SwitchOn = z.infer<typeof switchOnSchema>;

export const purgeNow = z.object({ databaseId: z.uuid(), dry: z.stringbool().or(z.boolean()).default(false) });

export type PurgeNow = z.output<typeof purgeNow>;

/** How long marked rows stay, of a table or of one tenant in it. */
export interface Policy {
  id: string;
  databaseId: string;
  schema: string;
  name: string;
  tenant: string | null;
  deletion: Deletion;
  graceDays: number;
  reason: string;
  setBy: string | null;
  setAt: string;
  /** Null while its runs are dry runs. */
  onAt: string | null;
  onBy: string | null;
  /** For the table of a tenant's own place: which policy of the shared tables it goes by. */
  as?: { databaseName: string; table: string; tenant: string | null };
}

/** Rows of one table and tenant that go on one day. */
export interface DayCount {
  /** "2026-11-30", in UTC; what is overdue counts for today. */
  day: string;
  table: string;
  tenant: string | null;
  rows: number;
  /** Of the rows due by then: those that a hold keeps, which do not go. */
  held: number;
}

/** What would go, if nothing changes. */
export interface Simulation {
  days: DayCount[];
  /** Due rows that stay because rows that stay point at them, by table. */
  blocked: { table: string; rows: number; by: string[] }[];
  /** Rows marked by a flag at a time that nobody knows: they are never due. */
  undated: { table: string; rows: number }[];
  horizonDays: number;
  /** Names of the tenants that have one, by their keys. */
  names: Record<string, string>;
}

export interface PolicyPlan {
  databaseName: string;
  subject: string;
  before: Policy | null;
  after: PolicyChange;
  simulation: Simulation;
  /** Tenants in other databases whose own tables would go by it; their rows are not in the simulation. */
  tenantsElsewhere: number;
  hash: string;
}
