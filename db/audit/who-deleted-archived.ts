import { and, eq, isNotNull } from "drizzle-orm";
import { control } from "../control.ts";
import { managedTables } from "../schema/fleet.ts";
import { type Archived, type ColdReading, withArchived } from "./cold/log.ts";
import { archivedReturns, deletionsInArchive } from "./cold/who-deleted.ts";
import type { Silent } from "./contract.ts";
import { orWithout } from "./courtesy.ts";
import { byAge } from "./newest.ts";
import { type Audited, everAuditedFor } from "./scope.ts";
import type { Return } from "./who-deleted-after.ts";
import {
  type Asked,
  among,
  type DeletionRow,
  deletionsOfFormer,
  type FoundDeletions,
  findDeletions,
} from "./who-deleted-find.ts";
import { masksOf } from "./who-deleted-log.ts";
import type { WhoQuestion } from "./who-deleted-question.ts";

export const deletionsMax = 20;

/** What to ask of one database: of its log, and of those of its archived months that are named. */
export interface ArchiveAsked {
  database: Audited;
  asked: Asked;
  months: readonly string[];
  limit: number;
  reading: ArchiveReading;
}

type ArchiveReading = ColdReading & { missed: Silent[] };

/** By id, every database that can know the answer, and what to ask of it. */
export async function archivesAsked(
  question: WhoQuestion,
  months: readonly string[],
  reading: ArchiveReading,
): Promise<Map<string, ArchiveAsked>> {
  const soft = await softColumns();
  const audited = await everAuditedFor(question);
  return new Map(
    audited.map((database) => {
      const asked = {
        text: question.text,
        tenantKeys: database.tenantKeys,
        softColumns: soft.get(database.id) ?? [],
      };
      return [database.id, { database, asked, months, limit: deletionsMax + 1, reading }];
    }),
  );
}

/** What the named archived months hold by themselves; null where none of them is archived. */
export async function archivedDeletions(archive: ArchiveAsked): Promise<FoundDeletions | null> {
  const { database, asked, months, limit, reading } = archive;
  if (months.length === 0) return null;
  const masks = await masksIn(archive);
  return withArchived(
    database.id,
    months,
    async ({ log }) => log && findDeletions(deletionsInArchive(log, asked, masks, limit), asked.text),
    reading,
  );
}

/** The keyed hashes as which the asked text stands where it is masked; none where the database does not answer, or left. */
export async function masksIn({ database, asked, reading: { missed, signal } }: ArchiveAsked): Promise<string[]> {
  if (database.left) return [];
  return orWithout(database, "masked values", missed, (client) => masksOf(client, asked.text), [], { signal });
}

/** What the log found, with what became of it in archived months: rows that went there under another name, and came back there. */
export async function withArchivedAfter(
  { database, asked, months, limit, reading: { signal } }: ArchiveAsked,
  found: readonly DeletionRow[],
  former: readonly DeletionRow[],
): Promise<{ found: DeletionRow[]; returns: ReadonlyMap<string, Return> }> {
  const after = async ({ log }: Archived) => {
    if (log === null) return { found: [...found], returns: new Map() };
    const all = among([...found, ...(await deletionsOfFormer(deletionsInArchive(log, asked, [], limit), former))]);
    return { found: all, returns: await archivedReturns(log, asked, all) };
  };
  return withArchived(database.id, months, after, { signal });
}

/** The earlier of two ways in which each record came back. */
export function earliest(one: ReadonlyMap<string, Return>, other: ReadonlyMap<string, Return>): Map<string, Return> {
  const all = new Map(one);
  for (const [deletion, back] of other) {
    const known = all.get(deletion);
    if (!known || byAge(back, known) < 0) all.set(deletion, back);
  }
  return all;
}

/** The columns by which each database's tables mark rows as deleted. */
async function softColumns(): Promise<Map<string, string[]>> {
  const rows = await control()
    .select({ databaseId: managedTables.databaseId, softDelete: managedTables.softDelete })
    .from(managedTables)
    .where(and(eq(managedTables.audited, true), isNotNull(managedTables.softDelete)));
  const byDatabase = Map.groupBy(rows, ({ databaseId }) => databaseId);
  return new Map([...byDatabase].map(([id, of]) => [id, of.flatMap(({ softDelete }) => softDelete?.column ?? [])]));
}
