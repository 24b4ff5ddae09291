import { z } from "zod";
import { optional } from "../contract.ts";

/** A form and the command line say it in words. */
const yes = z.preprocess((value) => value === true || value === "true", z.boolean()).optional();

export const replayErasuresInput = z.object({
  database: z.uuid(),
  /** The database that this one is a copy of, where it is one. */
  from: optional(z.uuid()),
  /** Whether the application is kept out by other means, so that the database is neither closed nor opened. */
  keptOut: yes,
});
export type ReplayErasures = z.infer<typeof replayErasuresInput>;

export const closeDatabaseInput = z.object({
  database: z.uuid(),
  from: optional(z.uuid()),
  reason: optional(z.string().trim().min(1).max(300)),
});
export type CloseDatabase = z.infer<typeof closeDatabaseInput>;

export const openDatabaseInput = z.object({
  database: z.uuid(),
  /** Also where erasures are due, or something was left by them; needs a reason. */
  anyway: yes,
  reason: optional(z.string().trim().max(300)),
});
export type OpenDatabase = z.infer<typeof openDatabaseInput>;

/** Who can connect to a database that was closed to its application. */
export interface ClosedDoor {
  /** People who inherit the owner's right; the application is none of them. */
  admits: string[];
  superusers: string[];
  /** That were open before and did not end. */
  sessions: number;
}

/** A database that was put back to a state before erasures that were run in it, or that is closed to its application because of that. */
export interface DueReplay {
  database: string;
  databaseName: string;
  /** In which the erasures were run: itself, or the database that it is a copy of. */
  from: string;
  /** So many are to be applied again. */
  erasures: number;
  /** Of one that is closed: who is to be searched for in it before it is opened. */
  elsewhere: ErasedElsewhere[];
  closed: { at: string; by: string; reason: string } | null;
  /** Roles that may connect, other than superusers and the console's own, and how many of their sessions there are. */
  admits: string[];
  sessions: number;
}

/** An erasure that was run in a database which the person's tenant came to later. */
export interface ErasedElsewhere {
  id: string;
  /** For people, without a personal value: "public.users 7". */
  subject: string;
}

export interface DueReplays {
  due: DueReplay[];
  silent: { databaseId: string; name: string; reason: string }[];
}
