import { isMoment } from "./moments.ts";
import { type Field, fieldNames } from "./terms.ts";

/** What a field takes. Everything that is said about a field, in errors, completion and the documentation, is said here. */
export interface FieldSpec {
  /** What it asks, in a few words. */
  says: string;
  /** What one value looks like. */
  example: string;
  /** Other names under which it is understood. */
  aliases?: readonly string[];
  /** Needs a column after the dot: old.status. */
  keyed?: boolean;
  /** Whether a..b is a range; for `at` it is the only form. */
  range?: boolean;
  /** Whether a value may end in *. */
  prefix?: boolean;
  /** Words that stand for something when they are not quoted. */
  words?: readonly ("none" | "null" | "system")[];
  /** Whether one value, or one end of a range, makes sense. */
  takes?: (text: string) => boolean;
}

const text: Pick<FieldSpec, "prefix" | "words"> = { prefix: true, words: ["none"] };
const name = (value: string) => new TextEncoder().encode(value).length <= 63;

export const fields: Record<Field, FieldSpec> = {
  action: { says: "what was done", example: "delete", aliases: ["event", "operation"], prefix: true },
  table: { says: "in which table", example: "payments", aliases: ["type", "resource"], takes: name, ...text },
  schema: { says: "in which schema", example: "public", takes: name, ...text },
  record: { says: "the record's primary key", example: "4711", aliases: ["id", "key"], ...text },
  actor: {
    says: "who, by id, e-mail or name",
    example: "ada@example.com",
    aliases: ["user", "who", "by"],
    prefix: true,
    words: ["none", "system"],
  },
  tenant: { says: "whose, by key, slug, name or id", example: "acme", ...text },
  database: { says: "in which database, by name or id", example: "shop" },
  at: {
    says: "when",
    example: "2026-10-01..2026-10-31",
    aliases: ["when", "date", "created", "received", "time"],
    range: true,
    takes: isMoment,
  },
  changed: { says: "an update changed this column", example: "status", aliases: ["column"], prefix: true },
  old: { says: "the value before", example: "true", keyed: true, range: true, prefix: true, words: ["none", "null"] },
  new: { says: "the value after", example: "false", keyed: true, range: true, prefix: true, words: ["none", "null"] },
  value: { says: "any recorded value contains this", example: "4711-22", aliases: ["contains", "has"] },
  ip: {
    says: "from which address or network",
    example: "10.0.0.0/8",
    aliases: ["address"],
    range: true,
    words: ["none"],
    takes: isAddress,
  },
  request: { says: "in which request", example: "0198c1d2-…", aliases: ["request_id"], ...text },
  tx: {
    says: "in which transaction",
    example: "734512",
    aliases: ["transaction", "xid"],
    takes: (value) => /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n,
  },
  reason: { says: "the reason that was given", example: '"merged twice"', ...text },
  agent: { says: "the browser or program", example: "Mozilla*", aliases: ["user_agent", "ua"], ...text },
  role: { says: "the database role", example: "app_user", ...text },
  app: { says: "the connection's application_name", example: "billing", aliases: ["application"], ...text },
  impersonator: { says: "who really acted, in the actor's name", example: "4711", ...text },
  apikey: { says: "by which API key", example: "nightly*", aliases: ["api_key"], ...text },
  text: { says: "any id, name or e-mail", example: "ada@example.com" },
};

/** Free text is the one field without a name. */
export type Named = Exclude<Field, "text">;

export const named: readonly Named[] = fieldNames.filter((field) => field !== "text");

const byName = new Map<string, Named>(
  named.flatMap((field) => [field, ...(fields[field].aliases ?? [])].map((name) => [name, field] as const)),
);

/** The field that a name stands for, whatever its case. */
export function fieldNamed(name: string): Named | null {
  return byName.get(name.toLowerCase()) ?? null;
}

/** The nearest known name, for "did you mean". */
export function nearestField(name: string): string | null {
  const wanted = name.toLowerCase();
  const near = [...byName.keys()]
    .map((known) => ({ known, steps: distance(wanted, known) }))
    .toSorted((a, b) => a.steps - b.steps)[0];
  return near && near.steps <= Math.ceil(wanted.length / 3) ? near.known : null;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** An IPv4 or IPv6 address, with or without the length of its network. */
export function isAddress(value: string): boolean {
  const [, address = "", length] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(value) ?? [];
  const bits = isV4(address) ? 32 : isV6(address) ? 128 : 0;
  return bits > 0 && (length === undefined || Number(length) <= bits);
}

function isV4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isV6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const size = groups.length + (last.includes(".") ? 1 : 0);
  const fine = groups.every((group, at) => /^[0-9a-f]{1,4}$/i.test(group) || (at === groups.length - 1 && isV4(group)));
  return fine && text.includes(":") && (halves.length === 2 ? size < 8 : size === 8);
}
