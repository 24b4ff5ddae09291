import { and, asc, desc, eq, inArray } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditArchives } from "../../schema/retention.ts";
import type { Manifest } from "./manifest.ts";

export type Archive = typeof auditArchives.$inferSelect;

const standing = inArray(auditArchives.state, ["stored", "cold", "hot"]);

/** The file that stands for a month now. */
export async function archiveOf(databaseId: string, month: string, tx: Control = control()): Promise<Archive | null> {
  const [row] = await tx
    .select()
    .from(auditArchives)
    .where(and(eq(auditArchives.databaseId, databaseId), eq(auditArchives.month, month), standing));
  return row ?? null;
}

/** Every file that stands for a month of these databases, newest month first. */
export function archivesOf(databaseIds: readonly string[]): Promise<Archive[]> {
  return control()
    .select()
    .from(auditArchives)
    .where(and(inArray(auditArchives.databaseId, [...databaseIds]), standing))
    .orderBy(desc(auditArchives.month), asc(auditArchives.databaseId));
}

/** The months of a database that are not in PostgreSQL any more: in a file alone, or removed when their time was over. */
export async function monthsAway(databaseId: string): Promise<string[]> {
  const rows = await control()
    .selectDistinct({ month: auditArchives.month })
    .from(auditArchives)
    .where(and(eq(auditArchives.databaseId, databaseId), inArray(auditArchives.state, ["cold", "expired"])));
  return rows.map(({ month }) => month);
}

interface Registration {
  place: string;
  manifestKey: string;
  jobId: string;
  /** Why the file before does not stand any more. */
  why: string;
}

/** Makes a verified file the one that stands for its month, which is in PostgreSQL still. */
export async function registerArchive(tx: Control, manifest: Manifest, registration: Registration): Promise<void> {
  const { databaseId, month } = manifest;
  const ofMonth = and(eq(auditArchives.databaseId, databaseId), eq(auditArchives.month, month), standing);
  await tx.update(auditArchives).set(replaced(registration)).where(ofMonth);
  await insert(tx, manifest, registration, { state: "stored" });
}

/**
 * Puts a rewritten and verified file in the place of the one it was made of, in whatever state the month is.
 *
 * @throws Refusal `stale_plan` when that file does not stand for the month any more.
 */
export async function replaceArchive(
  tx: Control,
  archiveId: string,
  manifest: Manifest,
  registration: Registration,
): Promise<void> {
  // The state before is asked for first: the row's own says "replaced" from then on.
  const [before] = await tx
    .select()
    .from(auditArchives)
    .where(and(eq(auditArchives.id, archiveId), standing))
    .for("update");
  if (!before) {
    throw new Refusal("stale_plan", `Another file stands for ${manifest.month} by now; it was left as it is.`, {
      fix: "Start again.",
    });
  }
  await tx.update(auditArchives).set(replaced(registration)).where(eq(auditArchives.id, archiveId));
  const { state, coldAt, hotUntil } = before;
  await insert(tx, manifest, registration, { state, coldAt, hotUntil });
}

function replaced({ why }: Registration) {
  return { state: "replaced", endedAt: new Date().toISOString(), endedWhy: why } as const;
}

async function insert(
  tx: Control,
  manifest: Manifest,
  { place, manifestKey, jobId }: Registration,
  state: Pick<typeof auditArchives.$inferInsert, "state" | "coldAt" | "hotUntil">,
): Promise<void> {
  await tx.insert(auditArchives).values({
    ...{ databaseId: manifest.databaseId, databaseName: manifest.databaseName, month: manifest.month },
    ...{ place, key: manifest.file, manifestKey, jobId, manifest: { ...manifest } },
    ...{ rows: BigInt(manifest.rows), bytes: BigInt(manifest.bytes) },
    ...{ sha256: manifest.sha256, contentSha256: manifest.contentSha256 },
    ...state,
  });
}

/** The files that stand for some month, by their SHA-256. */
export async function standingFiles(): Promise<Set<string>> {
  const rows = await control().select({ sha256: auditArchives.sha256 }).from(auditArchives).where(standing);
  return new Set(rows.map(({ sha256 }) => sha256));
}

/** Keys that this month of this database still stands on, and those that stood for it once. */
export async function keysOf(databaseId: string, month: string): Promise<{ used: Set<string>; ended: Set<string> }> {
  const rows = await control()
    .select({ key: auditArchives.key, manifestKey: auditArchives.manifestKey, state: auditArchives.state })
    .from(auditArchives)
    .where(and(eq(auditArchives.databaseId, databaseId), eq(auditArchives.month, month)));
  const {
    replaced = [],
    expired = [],
    standing = [],
  } = Object.groupBy(rows, ({ state }) => (state === "replaced" || state === "expired" ? state : "standing"));
  return {
    used: new Set([...standing.flatMap(both), ...expired.map(({ manifestKey }) => manifestKey)]),
    ended: new Set([...replaced.flatMap(both), ...expired.map(({ key }) => key)]),
  };
}

function both({ key, manifestKey }: Pick<Archive, "key" | "manifestKey">): string[] {
  return [key, manifestKey];
}
