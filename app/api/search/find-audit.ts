import { actorHref, recordHref, requestHref, transactionHref } from "#app/(console)/audit/addresses.ts";
import { deletionHref } from "#app/(console)/deleted/addresses.ts";
import type { Hit, HitKind } from "#app/(console)/shell/search-contract.ts";
import type { Actor } from "#db/actor.ts";
import { type AuditEntry, filterQuery, printQuery } from "#db/audit/contract.ts";
import { findCheckpoints } from "#db/audit/proof/find-checkpoint.ts";
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

/** A checkpoint by its root; the screen of proof has every log, each with its newest. */
export async function findRoot(actor: Actor, root: string): Promise<Hit[]> {
  const found = await findCheckpoints(actor, root);
  return found.map(({ databaseName, size }) => ({
    kind: "checkpoint",
    id: `${databaseName} ${size}`,
    title: `Checkpoint of ${size} entries`,
    detail: databaseName,
    href: "/audit/proof",
  }));
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

/** Records, people, requests and transactions that the audit log knows by this id: the newest entry of each says where it is shown. */
export async function findRecords(actor: Actor, text: string, signal?: AbortSignal): Promise<Hit[]> {
  const q = printQuery(termsOf({ text }));
  const { rows } = await searchAudit(actor, { q }, null, 20, signal);
  if (rows.length === 0) return [];
  const hits = new Map(rows.flatMap((entry) => placesOf(actor, entry, text)).map((hit) => [hit.href, hit]));
  const whole: Hit = {
    kind: "audit entry",
    id: `all ${text}`,
    title: `Everything with ${text}`,
    detail: "audit log",
    href: `/audit?${filterQuery({ q })}`,
  };
  return [...hits.values()].slice(0, 8).concat(whole);
}

/** The screens of what this entry and the text have in common. */
function placesOf(actor: Actor, entry: AuditEntry, text: string): Hit[] {
  const hit = (kind: HitKind, title: string, href: string): Hit => {
    return { kind, id: `${entry.database} ${title}`, title, detail: entry.databaseName, href };
  };
  const history = recordHref(entry);
  const removed = entry.action === "delete" && entry.database !== consoleLog && actor.capabilities.has("records.read");
  return [
    ...(entry.record === text && history !== null ? [hit("record", `${entry.table} ${text}`, history)] : []),
    ...(entry.transaction === text && removed ? [hit("deletion", `Deletion ${text}`, deletionHref(entry))] : []),
    ...(entry.transaction === text ? [hit("transaction", `Transaction ${text}`, transactionHref(entry))] : []),
    ...(entry.request === text ? [hit("request", `Request ${text}`, requestHref(text))] : []),
    ...(entry.actor.id === text ? [hit("actor", entry.actor.name ?? text, actorHref(text))] : []),
  ];
}
