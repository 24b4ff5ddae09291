import { createHmac } from "node:crypto";
import { canonical } from "../../canonical.ts";
import { derivedKeys } from "../../secrets/keys.ts";
import type { ErasureSubject } from "./contract.ts";

/**
 * How a certificate refers to a person: HMAC-SHA256 under a key derived from the console's master key, so that whoever holds that key
 * can say whether it is about somebody, and nobody else can try people out.
 */
export function subjectRef(subject: ErasureSubject): string {
  const { database, table, record, terms } = subject;
  const who =
    record === undefined
      ? { database, terms: terms.map((term) => term.toLowerCase()).toSorted() }
      : { database, schema: schemaOf(subject), table, record };
  return createHmac("sha256", derivedKeys("erasure subjects")[0] ?? "")
    .update(canonical(who))
    .digest("hex");
}

/** Where the person's table lies. */
export function schemaOf({ schema = "public" }: Pick<ErasureSubject, "schema">): string {
  return schema;
}

/** What an erasure is called. A key that is a word of its own, such as an address, is not shown. */
export function subjectLabel(subject: ErasureSubject): string {
  const { table, record } = subject;
  const schema = schemaOf(subject);
  const short = subjectRef(subject).slice(0, 12);
  if (record === undefined || table === undefined) return `person ${short}`;
  const isTechnical = /^(\d{1,20}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z]{16,32})$/i.test(record);
  return isTechnical ? `${schema}.${table} ${record}` : `${schema}.${table} ${short}`;
}
