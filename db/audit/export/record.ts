import { eq, sql } from "drizzle-orm";
import { type Control, control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { auditExports } from "../../schema/exports.ts";
import {
  besideFile,
  type ExportColumn,
  type ExportPart,
  exportColumns,
  type Manifest,
  type ProofFile,
  proofFile,
} from "./contract.ts";

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

/** Where a file with this name and its manifest lie in the object store. */
export function keysOf(id: string, name: string): { file: string; manifestFile: string } {
  const file = `exports/${id}/${name}`;
  return { file, manifestFile: `${file}.manifest.json` };
}

/** @throws Refusal `conflict` while it is not ready, `not_found` when it is no longer kept. */
export function assertReady({ state, expiresAt }: ExportRow): void {
  if (state === "ready" && expiresAt && new Date(expiresAt) > new Date()) return;
  if (state === "running") {
    throw new Refusal("conflict", "This export is not ready.", { fix: "Look at its progress." });
  }
  throw new Refusal("not_found", "This export's files are no longer kept.", { fix: "Start it again." });
}

interface StoredPart {
  key: string;
  /** What it must be; of a manifest nothing is known. */
  bytes: number | null;
  sha256: string | null;
}

/** Where a part of an export lies. @throws Refusal as `assertReady`, and `not_found` for a part that it does not have. */
export function partOf(row: ExportRow, part: ExportPart): StoredPart {
  assertReady(row);
  const manifest = storedManifest.parse(row.manifest);
  if (part === "proof") return proofOf(row.id, manifest.proof);
  const data = part === "data" || part === "manifest" ? manifest : manifest.beside;
  if (!data) {
    throw new Refusal("not_found", "This export has no NDJSON beside it.", {
      fix: "Export it again as NDJSON, or as CSV together with NDJSON.",
    });
  }
  const { file, manifestFile } = keysOf(row.id, data.file);
  if (part === "data" || part === "ndjson") return { key: file, bytes: data.bytes, sha256: data.sha256 };
  return { key: manifestFile, bytes: null, sha256: null };
}

function proofOf(id: string, proof: ProofFile | undefined): StoredPart {
  if (proof) return { key: keysOf(id, proof.file).file, bytes: proof.bytes, sha256: proof.sha256 };
  throw new Refusal("not_found", "This export has no proofs.", { fix: "Export it again as NDJSON, with proofs." });
}

const storedManifest = besideFile.extend({ beside: besideFile.optional(), proof: proofFile.optional() });
