import { consoleDatabase, listAdopted, withDatabase } from "../../fleet.ts";
import type { NewJob } from "../../jobs/enqueue.ts";
import { rulesOf, wholeOf } from "../retention/rules.ts";
import { monthAfter, monthOf } from "./month.ts";
import { archivesOf } from "./registry.ts";
import { hotMonths } from "./standing.ts";

/** Whether a month has ended and then stayed in PostgreSQL for `hot` whole months. */
export function isDue(month: string, hot: number | null, now: Date): boolean {
  return hot !== null && monthAfter(month, hot) < monthOf(now);
}

/** Of the months that are in PostgreSQL, those past their hot age, oldest first. One that was brought back has its stay. */
async function dueMonths(databaseId: string, months: readonly string[], now = new Date()): Promise<string[]> {
  const { hotMonths: hot } = wholeOf(await rulesOf(databaseId));
  const due = months.filter((month) => isDue(month, hot, now));
  if (due.length === 0) return [];
  const staying = new Set(
    (await archivesOf([databaseId]))
      .filter(({ hotUntil }) => hotUntil !== null && Date.parse(hotUntil) > now.getTime())
      .map(({ month }) => month),
  );
  return due.filter((month) => !staying.has(month));
}

/** What the daily schedule puts in the queue: the oldest due month of each database, so that none is moved in one night. */
export async function dueArchives(): Promise<NewJob[]> {
  const databases = [{ id: consoleDatabase, name: "Console" }, ...(await listAdopted())];
  const jobs: NewJob[] = [];
  for (const { id, name } of databases) {
    if (wholeOf(await rulesOf(id)).hotMonths === null) continue;
    const months = await withDatabase(id, hotMonths);
    const [month] = await dueMonths(
      id,
      months.map((hot) => hot.month),
    );
    if (month) jobs.push(archiveJob(id, name, month));
  }
  return jobs;
}

export function archiveJob(databaseId: string, databaseName: string, month: string): NewJob {
  return { kind: "audit.archive", title: `Archive ${month} of ${databaseName}`, input: { databaseId, month } };
}
