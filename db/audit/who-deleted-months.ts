import { type Actor, authorise } from "../actor.ts";
import type { Archive } from "./archive/registry.ts";
import { coldArchives } from "./cold/archives.ts";
import { countInFile } from "./cold/ask-file.ts";
import type { FoundMonths } from "./cold/contract.ts";
import { eachArchive, type Finding } from "./cold/find-months.ts";
import { deletionsInArchive } from "./cold/who-deleted.ts";
import { is, type Silent } from "./contract.ts";
import { recordReading } from "./reading.ts";
import { archivesAsked, masksIn } from "./who-deleted-archived.ts";
import { among, type DeletionRow, findDeletions } from "./who-deleted-find.ts";
import type { WhoQuestion } from "./who-deleted-question.ts";

/**
 * Which archived months have a part in the answer to “who deleted this?”: those that hold a deletion of what is called so, or took
 * that name from a row, and those in which the rows came back or went later. Recorded as a search is.
 */
export async function findDeletionMonths(actor: Actor, question: WhoQuestion, finding: Finding): Promise<FoundMonths> {
  authorise(actor, "audit.read");
  await recordReading(actor, "search_archive", { asked: "who deleted this?", ...question });
  const silent: Silent[] = [];
  const asked = await archivesAsked(question, [], { missed: silent, signal: finding.signal });
  const archives = await coldArchives([...asked.keys()], silent);
  const known = new Set(archives.map(({ databaseId }) => databaseId));
  const masks = new Map<string, string[]>();
  for (const [id, own] of asked) if (known.has(id)) masks.set(id, await masksIn(own));
  const found: { archive: Archive; rows: DeletionRow[] }[] = [];
  await eachArchive(archives, finding, silent, async (log, archive) => {
    const own = asked.get(archive.databaseId);
    if (!own) return;
    const source = deletionsInArchive(log, own.asked, masks.get(archive.databaseId) ?? [], own.limit);
    const { deletions, former } = await findDeletions(source, question.text);
    found.push({ archive, rows: [...deletions, ...former] });
  });
  const gone = new Set(among(found.flatMap(({ rows }) => rows)).map(({ id }) => id));
  const meant = found.map(({ archive, rows }) => ({
    archive,
    rows: rows.filter(({ id, deletes }) => gone.has(id) || !deletes),
  }));
  const after = await monthsAfter(archives, meant, finding, silent);
  const own = meant.filter(({ rows }) => rows.length > 0).map(({ archive }) => archive.month);
  return { months: [...new Set([...own, ...after])].sort(), entries: gone.size, silent };
}

/** Months that hold anything of the same records, from the first in which one went. */
async function monthsAfter(
  archives: readonly Archive[],
  meant: readonly { archive: Archive; rows: DeletionRow[] }[],
  finding: Finding,
  silent: Silent[],
): Promise<string[]> {
  const keys = new Map<string, Set<string>>();
  const first = new Map<string, string>();
  for (const { archive, rows } of meant) {
    const { databaseId, month } = archive;
    const records = rows.flatMap(({ record, newKey }) => [record, newKey].filter((key) => key !== null));
    if (records.length === 0) continue;
    keys.set(databaseId, new Set([...(keys.get(databaseId) ?? []), ...records]));
    first.set(databaseId, [first.get(databaseId) ?? month, month].sort()[0] ?? month);
  }
  const later = archives.filter(({ databaseId, month }) => month > (first.get(databaseId) ?? "9"));
  const months: string[] = [];
  await eachArchive(later, finding, silent, async ({ duck }, { databaseId, month }, file) => {
    const term = is("record", ...(keys.get(databaseId) ?? []));
    if ((await countInFile(duck, file, [term])) > 0) months.push(month);
  });
  return months;
}
