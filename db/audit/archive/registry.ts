import { and, asc, desc, eq, inArray, ne } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
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

/** Makes a verified file the one that stands for its month. */
export async function registerArchive(
  tx: Control,
  manifest: Manifest,
  where: { place: string; manifestKey: string; jobId: string; why: string },
): Promise<string> {
  const { databaseId, month } = manifest;
  const [last] = await tx
    .update(auditArchives)
    .set({ state: "replaced", endedAt: new Date().toISOString(), endedWhy: where.why })
    .where(and(eq(auditArchives.databaseId, databaseId), eq(auditArchives.month, month), standing))
    .returning({ state: auditArchives.state, coldAt: auditArchives.coldAt });
  const [row] = await tx
    .insert(auditArchives)
    .values({
      databaseId,
      databaseName: manifest.databaseName,
      month,
      state: last?.coldAt ? "cold" : "stored",
      coldAt: last?.coldAt ?? null,
      place: where.place,
      key: manifest.file,
      manifestKey: where.manifestKey,
      manifest: { ...manifest },
      rows: BigInt(manifest.rows),
      bytes: BigInt(manifest.bytes),
      sha256: manifest.sha256,
      contentSha256: manifest.contentSha256,
      jobId: where.jobId,
    })
    .returning({ id: auditArchives.id });
  if (!row) throw new Error("The archived month was not recorded.");
  return row.id;
}

/** Keys that some month of this database still stands on. */
export async function keysInUse(databaseId: string): Promise<Set<string>> {
  const rows = await control()
    .select({ key: auditArchives.key, manifestKey: auditArchives.manifestKey, state: auditArchives.state })
    .from(auditArchives)
    .where(and(eq(auditArchives.databaseId, databaseId), ne(auditArchives.state, "replaced")));
  return new Set(
    rows.flatMap(({ key, manifestKey, state }) => (state === "expired" ? [manifestKey] : [key, manifestKey])),
  );
}
