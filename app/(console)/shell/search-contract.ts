import { z } from "zod";

export const searchQuery = z.object({
  q: z.string().trim().min(1).max(300),
  /** Only tenants, for the scope switcher. */
  only: z.enum(["tenants"]).optional(),
  database: z.string().max(64).optional(),
});

export type HitKind =
  | "tenant"
  | "database"
  | "server"
  | "move"
  | "job"
  | "backup"
  | "export"
  | "stream"
  | "hold"
  | "restore"
  | "erasure"
  | "checkpoint"
  | "person"
  | "audit entry"
  | "record"
  | "transaction"
  | "deletion"
  | "request"
  | "actor";

/** Something that was found, and where it is shown. */
export interface Hit {
  kind: HitKind;
  id: string;
  title: string;
  detail: string;
  href: string;
}

export interface SearchAnswer {
  hits: Hit[];
  /** What was not asked, or did not answer in time. */
  silent: string[];
}
