import { createHash } from "node:crypto";
import { readChunks } from "./read-chunks.ts";

/** What an export's own lines say, besides its entries. */
export interface ExportEnds {
  entries: number;
  /** From the closing line: null when there is none, and the file was cut off. */
  closing: { export: string | null; rows: string; sha256: string } | null;
  /** Of everything before the closing line. */
  sha256: string;
}

const lineFeed = 10;
/** What `{"id":"` and `{"_` differ by. */
const underscore = 95;

interface ExportReader {
  database(id: string): void;
  /** An entry's line is [from, to) of the bytes, which are good until this returns. Nothing is decoded that is only hashed again. */
  entry(bytes: Buffer, from: number, to: number, number: number): void;
}

/** Reads an export in constant memory. */
export function readExport(path: string, on: ExportReader): ExportEnds {
  const hash = createHash("sha256");
  const ends: ExportEnds = { entries: 0, closing: null, sha256: "" };
  let number = 0;
  const rest = readChunks(path, (bytes) => {
    let from = 0;
    let hashed = 0;
    for (let to = bytes.indexOf(lineFeed); to >= 0; to = bytes.indexOf(lineFeed, from)) {
      number += 1;
      if (ends.closing) throw new Error(`Line ${number}: something follows the closing line.`);
      if (bytes[from + 2] === underscore) {
        const line: unknown = JSON.parse(bytes.toString("utf8", from, to));
        const closing = closingOf(line);
        if (closing) {
          hash.update(bytes.subarray(hashed, from));
          hashed = to + 1;
          ends.closing = closing;
        } else on.database(databaseOf(line, number));
      } else {
        ends.entries += 1;
        on.entry(bytes, from, to, number);
      }
      from = to + 1;
    }
    if (!ends.closing) hash.update(bytes.subarray(hashed, from));
    return from;
  });
  if (rest > 0) throw new Error(`Line ${number + 1} has no end: the file was cut off.`);
  return { ...ends, sha256: hash.digest("hex") };
}

function closingOf(line: unknown): ExportEnds["closing"] {
  if (typeof line !== "object" || line === null || !("_end" in line)) return null;
  const { _end: end } = line;
  if (typeof end !== "object" || end === null || !("rows" in end) || !("sha256" in end)) return null;
  return {
    export: "export" in end ? String(end.export) : null,
    rows: String(end.rows),
    sha256: String(end.sha256),
  };
}

function databaseOf(line: unknown, number: number): string {
  if (typeof line === "object" && line !== null && "_database" in line) {
    const { _database: database } = line;
    if (typeof database === "object" && database !== null && "id" in database) return String(database.id);
  }
  throw new Error(`Line ${number} is neither an entry nor the head of a database.`);
}
