import pg from "pg";
import type { ExportColumn, ExportFormat } from "./contract.ts";
import { csvCopyOptions, csvEnd, csvHead, csvSelect, rawSelect } from "./csv.ts";
import { lineCopyOptions, lineSelect } from "./line.ts";
import { ocsfSelect } from "./ocsf.ts";

interface Named {
  id: string;
  name: string;
}

export interface Ending {
  export: string;
  rows: string;
  /** Of every byte before the closing line, hexadecimal. */
  sha256: string;
}

/** How a format's file is made: what PostgreSQL prints for an entry, and what stands around the entries. */
export interface Printer {
  copyOptions: string;
  /** Whether every entry is exactly one line, so that counting lines counts entries. */
  oneLine: boolean;
  /** The SELECT list for one database's entries. */
  select(database: Named): string;
  /** What the file begins with. */
  head: string;
  /** What stands before one database's entries. */
  opening(database: Named): string;
  /** The closing line: a file without it is cut off. */
  end(ending: Ending): string;
}

export function printerOf(format: ExportFormat, columns: readonly ExportColumn[]): Printer {
  const quoted = (text: string) => pg.escapeLiteral(text).trim();
  switch (format) {
    case "ndjson":
      return {
        copyOptions: lineCopyOptions,
        oneLine: true,
        select: () => lineSelect(columns),
        head: "",
        opening: ({ id, name }) => `${JSON.stringify({ _database: { id, name } })}\n`,
        end: (ending) => `${JSON.stringify({ _end: ending })}\n`,
      };
    case "ocsf":
      return {
        copyOptions: lineCopyOptions,
        oneLine: true,
        select: ({ id, name }) => ocsfSelect(quoted(id), quoted(name)),
        head: "",
        opening: () => "",
        end: (ending) => `${JSON.stringify({ _end: ending })}\n`,
      };
    case "csv":
      return {
        copyOptions: csvCopyOptions,
        oneLine: false,
        select: ({ name }) => csvSelect(columns, quoted(name)),
        head: csvHead(columns),
        opening: () => "",
        end: (ending) => csvEnd(columns, ending),
      };
    case "parquet":
      // Parquet is made from this in one piece, and has a footer of its own without which no reader opens it.
      return {
        copyOptions: csvCopyOptions,
        oneLine: false,
        select: ({ name }) => rawSelect(columns, quoted(name)),
        head: "",
        opening: () => "",
        end: () => "",
      };
  }
}
