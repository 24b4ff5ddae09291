import { z } from "zod";
import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { digestFile } from "../../objects/digest.ts";
import { type ExportEnds, readExport } from "./read-export.ts";
import type { Statement } from "./statement.ts";

/** What a lossless export holds, and what the console recorded of it when it wrote it. */
export interface Exported {
  /** Ids of entries, by database. */
  entries: Map<string, Set<bigint>>;
  recorded: Statement["export"];
}

/** What the console knows of the file that it wrote: the SHA-256 of all of it, and the filter it was asked for with. */
export interface ExportRecord {
  sha256: string;
  filter: string;
}

/**
 * `record` is for whoever has just written the file; without it the console's own records are asked.
 *
 * @throws Refusal `invalid` when the file is not whole, or not the one that the console recorded.
 */
export async function readExported(path: string, record?: ExportRecord): Promise<Exported> {
  const entries = new Map<string, Set<bigint>>();
  const { closing, sha256, entries: rows } = readOrRefuse(path, entries);
  if (!closing) throw notWhole(path, "It has no closing line: it was cut off.");
  if (closing.rows !== String(rows) || closing.sha256 !== sha256)
    throw notWhole(path, "It is not what its closing line says: lines were added, removed or moved.");
  return { entries, recorded: await recordOf(path, closing, record) };
}

function readOrRefuse(path: string, entries: Map<string, Set<bigint>>): ExportEnds {
  let current: Set<bigint> | undefined;
  try {
    return readExport(path, {
      database(id) {
        current = entries.get(id) ?? new Set();
        entries.set(id, current);
      },
      entry(bytes, from, to, number) {
        const id = /^\{"id":"(-?\d{1,19})"/.exec(bytes.toString("latin1", from, Math.min(to, from + idBytesMax)))?.[1];
        if (id === undefined || !current) throw new Error(`Line ${number} is no entry of a database.`);
        current.add(BigInt(id));
      },
    });
  } catch (error) {
    throw notWhole(path, error instanceof Error ? error.message : String(error));
  }
}

/** `{"id":"-9223372036854775808"` */
const idBytesMax = 28;

/** The file's closing line names the export; what the console recorded of that is believed, and the file held against it. */
async function recordOf(
  path: string,
  closing: NonNullable<ExportEnds["closing"]>,
  given: ExportRecord | undefined,
): Promise<Statement["export"]> {
  const id = z.uuid().safeParse(closing.export);
  if (!id.success) return null;
  const record = given ?? (await readRecord(id.data));
  if (!record) return null;
  if ((await digestFile(path)).sha256 !== record.sha256)
    throw notWhole(path, `It is not the file that the console recorded as the export ${id.data}.`);
  return { id: id.data, sha256: closing.sha256, filter: record.filter };
}

/** Of a CSV export it is the NDJSON beside it that can be proven. */
async function readRecord(id: string): Promise<ExportRecord | null> {
  const { rows } = await controlPool().query<ExportRecord>(
    `SELECT query AS filter, coalesce(manifest->'beside'->>'sha256', sha256) AS sha256
       FROM audit_exports WHERE id = $1 AND sha256 IS NOT NULL`,
    [id],
  );
  return rows[0] ?? null;
}

function notWhole(path: string, why: string): Refusal {
  return new Refusal("invalid", `${path} is no lossless export as the console writes one. ${why}`, {
    fix: "Fetch it again, in the format NDJSON with every column, and prove that file.",
  });
}
