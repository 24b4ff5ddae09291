import type { Hit } from "#app/(console)/shell/search-contract.ts";
import type { Actor } from "#db/actor.ts";
import { filterQuery, printQuery } from "#db/audit/contract.ts";
import { termsOf } from "#db/audit/query/named.ts";
import { readEntry } from "#db/audit/read-entry.ts";
import { searchAudit } from "#db/audit/search.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { Refusal } from "#db/errors.ts";

const consoleLog = "console";

/** An audit entry by its id, in whichever database holds it: the id alone says in which partition. */
export async function findEntries(actor: Actor, id: string, signal?: AbortSignal): Promise<Hit[]> {
  const databases = [...(await adoptedDatabases(actor)).map((database) => database.id), consoleLog];
  const found = await Promise.all(databases.map((database) => entryIn(actor, database, id, signal)));
  return found.flat();
}

async function entryIn(actor: Actor, database: string, id: string, signal: AbortSignal | undefined): Promise<Hit[]> {
  try {
    const entry = await readEntry(actor, database, id, signal);
    const href = `/audit/${database}/${id}`;
    return [{ kind: "audit entry", id, title: entry.sentence, detail: entry.databaseName, href }];
  } catch (error) {
    if (error instanceof Refusal && error.code !== "forbidden") return [];
    throw error;
  }
}

/** Records, people, requests and transactions that the audit log knows by this id: the newest entry of each record. */
export async function findRecords(actor: Actor, text: string, signal?: AbortSignal): Promise<Hit[]> {
  const q = printQuery(termsOf({ text }));
  const { rows } = await searchAudit(actor, { q }, null, 20, signal);
  const hits = new Map<string, Hit>();
  for (const entry of rows) {
    const { database, schema, table, record } = entry;
    if (record !== text || schema === null || table === null) continue;
    const query = new URLSearchParams({ database, schema, table, key: record });
    const id = `${database} ${schema}.${table} ${record}`;
    if (hits.has(id)) continue;
    const title = `${table} ${record}`;
    hits.set(id, { kind: "record", id, title, detail: entry.databaseName, href: `/audit/record?${query}` });
  }
  if (rows.length === 0) return [];
  const all = `/audit?${filterQuery({ q })}`;
  const whole: Hit = {
    kind: "audit entry",
    id: `all ${text}`,
    title: `Everything with ${text}`,
    detail: "audit log",
    href: all,
  };
  return [...hits.values()].slice(0, 5).concat(whole);
}
