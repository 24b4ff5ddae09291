import { type Actor, authorise } from "../actor.ts";
import { type ActorActivity, actorActivity } from "./actor-activity.ts";
import type { AuditEntryDetail, AuditFilter, AuditPage, RecordHistory } from "./contract.ts";
import { readEntry } from "./read-entry.ts";
import { askedFilter, type ReadingPart, recordReading } from "./reading.ts";
import { type RecordAt, recordAt, recordVersions } from "./record-at.ts";
import { type RecordAddress, recordHistory } from "./record-history.ts";
import { searchAudit } from "./search.ts";
import { requestStory, type Story, type StoryPlace, transactionStory } from "./story.ts";
import { listStories, type StoryPage } from "./story-list.ts";

// The log as a person reads it: recorded first where their role's reading is, so that nothing is shown that is not. What a recorded
// question needs besides is read by the functions below these. `signal` ends when the reader leaves, and the question with it.

/** A search; later pages of it belong to its first. */
export async function readAudit(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null = null,
  signal?: AbortSignal,
): Promise<AuditPage> {
  await recordSearch(actor, filter, cursor === null ? "first" : "further");
  return searchAudit(actor, filter, cursor, undefined, signal);
}

/** The newest entries of a filter, on a screen about something else that is opened again and again. */
export async function readNewest(
  actor: Actor,
  filter: AuditFilter,
  limit: number,
  signal?: AbortSignal,
): Promise<AuditPage> {
  await recordSearch(actor, filter, "further");
  return searchAudit(actor, filter, null, limit, signal);
}

export async function readStories(
  actor: Actor,
  filter: AuditFilter,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<StoryPage> {
  await recordSearch(actor, filter, cursor === null ? "first" : "further");
  return listStories(actor, filter, cursor, undefined, signal);
}

export async function readOneEntry(
  actor: Actor,
  database: string,
  entry: string,
  signal?: AbortSignal,
): Promise<AuditEntryDetail> {
  await recordOne(actor, { database, entry });
  return readEntry(actor, database, entry, signal);
}

export async function readTransaction(
  actor: Actor,
  database: string,
  transaction: string,
  place: StoryPlace = {},
  signal?: AbortSignal,
): Promise<Story> {
  await recordOne(actor, { database, transaction });
  return transactionStory(actor, database, transaction, place, signal);
}

export async function readRequest(
  actor: Actor,
  request: string,
  place: StoryPlace = {},
  signal?: AbortSignal,
): Promise<Story> {
  await recordOne(actor, { request });
  return requestStory(actor, request, place, signal);
}

export async function readActivity(
  actor: Actor,
  of: string,
  cursor: string | null = null,
  signal?: AbortSignal,
): Promise<ActorActivity> {
  await recordOne(actor, { actor: of }, cursor === null ? "first" : "further");
  return actorActivity(actor, of, cursor, signal);
}

export async function readHistory(
  actor: Actor,
  address: RecordAddress,
  cursor: string | null = null,
  months: readonly string[] = [],
  signal?: AbortSignal,
): Promise<RecordHistory> {
  await recordOne(actor, { ...address }, cursor === null ? "first" : "further");
  return recordHistory(actor, address, cursor, months, signal);
}

/** The record at a time, below its history. */
export async function readRecordAt(
  actor: Actor,
  address: RecordAddress,
  at: string,
  months: readonly string[],
  signal?: AbortSignal,
): Promise<RecordAt> {
  await recordOne(actor, { ...address }, "further");
  return recordAt(actor, address, at, months, signal);
}

/** Two versions of a record, below its history. */
export async function readVersions(
  actor: Actor,
  address: RecordAddress,
  entries: readonly [string, string],
  months: readonly string[],
  signal?: AbortSignal,
): Promise<{ older: RecordAt; newer: RecordAt }> {
  await recordOne(actor, { ...address }, "further");
  return recordVersions(actor, address, entries, months, signal);
}

/** What is looked for in the log from the box at the top, with every letter that is typed. */
export async function recordLookup(actor: Actor, text: string): Promise<void> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_audit", { asked: "search", text }, "further");
}

async function recordSearch(actor: Actor, filter: AuditFilter, part: ReadingPart): Promise<void> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_audit", askedFilter(filter), part);
}

async function recordOne(actor: Actor, address: Record<string, string>, part: ReadingPart = "first"): Promise<void> {
  authorise(actor, "audit.read");
  await recordReading(actor, "read_audit", address, part);
}
