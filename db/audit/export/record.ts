import { eq, sql } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditExports } from "../../schema/exports.ts";
import { type ExportColumn, exportColumns, type Manifest } from "./contract.ts";

export type ExportRow = Omit<typeof auditExports.$inferSelect, "columns"> & { columns: ExportColumn[] };

/** @throws Refusal `not_found` */
export async function exportRow(id: string): Promise<ExportRow> {
  const [row] = await control().select().from(auditExports).where(eq(auditExports.id, id));
  if (!row) throw noExport();
  return { ...row, columns: columnsOf(row.columns) };
}

/** In the order of the log, whatever the row says. */
export function columnsOf(names: readonly string[]): ExportColumn[] {
  return exportColumns.filter((column) => names.includes(column));
}

/** The export is ready from now on, and kept as long as was asked. */
export async function markReady(
  tx: Control,
  row: Pick<ExportRow, "id" | "keepDays">,
  manifest: Manifest,
  keys: { file: string; manifestFile: string },
): Promise<void> {
  await tx
    .update(auditExports)
    .set({
      state: "ready",
      ...keys,
      rows: BigInt(manifest.rows),
      bytes: BigInt(manifest.bytes),
      sha256: manifest.sha256,
      manifest: { ...manifest },
      readyAt: sql`now()`,
      expiresAt: sql`now() + make_interval(days => ${row.keepDays})`,
    })
    .where(eq(auditExports.id, row.id));
}

export function noExport(): Refusal {
  return new Refusal("not_found", "There is no such export.", { fix: "Look for it in the list of exports." });
}

/** The keys of both files. @throws Refusal `conflict` while it is not ready, `not_found` when it is no longer kept. */
export function assertReady(row: ExportRow): { data: string; manifest: string } {
  const { state, file, manifestFile, expiresAt } = row;
  if (state === "ready" && file && manifestFile && expiresAt && new Date(expiresAt) > new Date()) {
    return { data: file, manifest: manifestFile };
  }
  if (state === "running") {
    throw new Refusal("conflict", "This export is not ready.", { fix: "Look at its progress." });
  }
  throw new Refusal("not_found", "This export's files are no longer kept.", { fix: "Start it again." });
}
