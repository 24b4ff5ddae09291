import { z } from "zod";

// What a service without a database connection sends to POST /api/events. docs/audit.md, "Events", is its manual.

const id = z.string().trim().min(1).max(200);
const rowActions = ["create", "update", "delete", "truncate"];
const metadataCharactersMax = 16_000;

const auditEvent = z.object({
  /** The sender's own id of the event: sent again, it is not recorded again. */
  id,
  /** What happened, such as login or export. The names of row changes are the triggers' alone. */
  action: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_.:-]{0,62}$/, "Letters, digits and _ . : - only, a letter first.")
    .refine((action) => !rowActions.includes(action), "This name belongs to row changes; give the event its own."),
  /** Who did it, as the application names its users; nobody when the service does not know. */
  actor: id.nullish(),
  /** Who really acted, when they acted in the actor's name. */
  impersonator: id.nullish(),
  tenant: id.nullish(),
  /** What it is about: a table or a kind of thing, and which one. */
  resource: z.object({ type: id, id: id.nullish() }).nullish(),
  ip: z.string().trim().max(200).nullish(),
  userAgent: z.string().max(1_000).nullish(),
  request: id.nullish(),
  reason: z.string().max(2_000).nullish(),
  /** When it happened, if that is not now. The log orders entries by when it learnt of them. */
  occurredAt: z.iso.datetime({ offset: true }).nullish(),
  metadata: z
    .record(z.string().min(1).max(200), z.json())
    .refine((value) => JSON.stringify(value).length <= metadataCharactersMax, "At most 16,000 characters of JSON.")
    .nullish(),
});

export type AuditEvent = z.infer<typeof auditEvent>;

export const eventBatch = z.object({
  /** The managed database whose log it goes to, by id or name. A token that is bound to one database needs none. */
  database: z.string().min(1).max(100).optional(),
  events: z.array(auditEvent).min(1, "Send at least one event.").max(100, "Send at most 100 events at a time."),
});

export type EventBatch = z.infer<typeof eventBatch>;

export interface RecordedEvents {
  database: string;
  /** In the order of the events that were sent. */
  events: {
    id: string;
    /** The entry's id in the log. */
    entry: string;
    /** It was recorded before; this is that entry. */
    repeated: boolean;
  }[];
}
