import { z } from "zod";
import type { StreamTarget } from "../../schema/exports.ts";
import { headersText } from "./headers.ts";

export const streamKinds = ["webhook", "syslog", "s3"] as const;

export type StreamKind = (typeof streamKinds)[number];

export const streamFormats = ["ndjson", "ocsf"] as const;

export type StreamFormat = (typeof streamFormats)[number];

const shared = {
  name: z.string().trim().min(1, "Give the stream a name.").max(80),
  /** The filter, as the search params of the audit page. */
  query: z.string().max(8_000).default(""),
  format: z.enum(streamFormats),
  /** Whether what is in the log already is sent too. */
  from: z.enum(["now", "beginning"]),
};

const https = z
  .url({ protocol: /^https?$/, error: "An address that begins with https://." })
  .max(2_000)
  .refine((url) => new URL(url).username === "" && new URL(url).password === "", "Put no password into the address.");

/** What a webhook's place is. */
export const webhookFields = { kind: z.literal("webhook"), url: https };

/** What a bucket's place is, with the key that opens it. */
export const bucketFields = {
  kind: z.literal("s3"),
  bucket: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "A bucket's name, such as audit-trail."),
  prefix: z
    .string()
    .trim()
    .regex(/^([\w.=-]+(\/[\w.=-]+)*)?$/, "Folders divided by /, without one at the ends.")
    .default(""),
  region: z
    .string()
    .trim()
    .regex(/^[a-z0-9-]{1,40}$/, "A region, such as eu-central-1."),
  endpoint: z.union([z.literal("").transform(() => undefined), https]).optional(),
  accessKeyId: z.string().trim().min(1, "Give the access key's id.").max(200),
  secretAccessKey: z.string().min(1, "Give the secret key.").max(400),
};

const bucketInput = z.object(bucketFields);

export type Bucket = z.infer<typeof bucketInput>;

const syslogFields = {
  kind: z.literal("syslog"),
  host: z.string().trim().min(1, "Name the host.").max(253),
  port: z.coerce.number().int().min(1).max(65_535),
  tls: z.stringbool().default(false),
};

export const createStream = z.discriminatedUnion("kind", [
  z.object({ ...shared, ...webhookFields, headers: headersText }),
  z.object({ ...shared, ...syslogFields }),
  z.object({ ...shared, ...bucketFields }),
]);

export type CreateStream = z.infer<typeof createStream>;

const changed = {
  ...shared,
  id: z.uuid(),
  /** The one whose settings whoever changes them has seen. */
  revision: z.coerce.number().int().min(1),
  /** Never the whole log because none was given. */
  query: shared.query.unwrap(),
  /** Where databases begin that the filter asks from now on; the others go on where they are. */
  from: shared.from.default("now"),
};

/** A stream's settings, anew. How far it has got stays, and so does what is not given of its secrets. */
export const changeStream = z.discriminatedUnion("kind", [
  z.object({
    ...changed,
    ...webhookFields,
    headers: headersText,
    /** Whether headers of before go where none are given. */
    noHeaders: z.stringbool().default(false),
    newSecret: z.stringbool().default(false),
  }),
  z.object({ ...changed, ...syslogFields }),
  z.object({ ...changed, ...bucketFields, secretAccessKey: z.string().max(400).default("") }),
]);

export type ChangeStream = z.infer<typeof changeStream>;

/** A stream sends within seconds: so long behind is a warning, then an alarm. */
export const lagSeconds = { warning: 15 * 60, critical: 60 * 60 };

export const streamReference = z.object({ id: z.uuid() });

/** What came of a test event. */
export interface StreamTest {
  delivered: boolean;
  /** What the receiver answered, or what went wrong, as sentences. */
  answer: string;
  /** What to do when it was not delivered. */
  fix: string | null;
  tookMs: number;
}

/** How far one database's entries have got. */
export interface StreamCursor {
  databaseId: string;
  databaseName: string;
  delivered: string;
  deliveredAt: string | null;
  /** When the oldest entry that waits was written; null when none waited at the last look. */
  behindSince: string | null;
  checkedAt: string | null;
  failures: number;
  nextTryAt: string;
  error: string | null;
}

export interface StreamView {
  id: string;
  name: string;
  kind: StreamKind;
  /** Where it goes, in one line: an address, a host and port, a bucket. */
  place: string;
  target: StreamTarget;
  revision: number;
  format: StreamFormat;
  query: string;
  createdBy: string;
  createdAt: string;
  pausedAt: string | null;
  /** "unknown" never reads as good: nobody has looked lately. */
  standing: "flowing" | "behind" | "failing" | "paused" | "unknown";
  cursors: StreamCursor[];
}
