import { consoleDatabase, listAdopted, withDatabase } from "../../fleet.ts";
import type { NewJob } from "../../jobs/enqueue.ts";
import { rulesOf, wholeOf } from "../retention/rules.ts";
import { streamsWaiting, waitWords } from "../stream/waiting.ts";
import { monthAfter, monthOf } from "./month.ts";
import { archivesOf } from "./registry.ts";
import { hotMonths } from "./standing.ts";

/** Whether a month has ended and then stayed in PostgreSQL for `hot` whole months. */
export function isDue(month: string, hot: number | null, now: Date): boolean {
  return hot !== null && monthAfter(month, hot) < monthOf(now);
}

/** Of the months that are in PostgreSQL, those past their hot age, oldest first. One that was brought back has its stay. */
async function dueMonths(databaseId: string, now = new Date()): Promise<string[]> {
  const { hotMonths: hot } = wholeOf(await rulesOf(databaseId));
  if (hot === null) return [];
  const months = (await withDatabase(databaseId, hotMonths)).map(({ month }) => month);
  const due = months.filter((month) => isDue(month, hot, now));
  if (due.length === 0) return [];
  const staying = new Set(
    (await archivesOf([databaseId]))
      .filter(({ hotUntil }) => hotUntil !== null && Date.parse(hotUntil) > now.getTime())
      .map(({ month }) => month),
  );
  return due.filter((month) => !staying.has(month));
}

/**
 * What the daily schedule puts in the queue: the oldest due month of each database, so that none is moved in one night. A database
 * that cannot be asked, or whose months wait for a stream, is named and keeps no other from its turn.
 */
export async function dueArchives(say: (line: string) => void): Promise<NewJob[]> {
  const databases = [{ id: consoleDatabase, name: "Console" }, ...(await listAdopted())];
  const jobs = await Promise.all(databases.map(({ id, name }) => dueArchive(id, name, say)));
  return jobs.filter((job) => job !== null);
}

async function dueArchive(id: string, name: string, say: (line: string) => void): Promise<NewJob | null> {
  try {
    const months = await dueMonths(id);
    const waiting = await streamsWaiting(id, months);
    for (const [month, streams] of waiting) say(`${month} of ${name} ${waitWords(streams)}`);
    const month = months.find((due) => !waiting.has(due));
    return month === undefined ? null : archiveJob(id, name, month);
  } catch (error) {
    say(`Nothing of ${name} is archived now: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

export function archiveJob(databaseId: string, databaseName: string, month: string): NewJob {
  return { kind: "audit.archive", title: `Archive ${month} of ${databaseName}`, input: { databaseId, month } };
}
