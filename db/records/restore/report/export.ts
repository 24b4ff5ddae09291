import { type Actor, authorise } from "../../../actor.ts";
import { withDatabase } from "../../../fleet.ts";
import type { ExportReport, RestoredRow } from "../contract.ts";
import { restoreRecord } from "./list.ts";
import { readReceipts } from "./receipts.ts";

const sliceSize = 2_000;

/** A restore's report as a file: CSV with a line a row, or JSON with the restore itself at its head. In slices, however long it is. */
export async function exportRestore(
  actor: Actor,
  { id, format }: ExportReport,
): Promise<{ name: string; type: string; lines: AsyncGenerator<string> }> {
  authorise(actor, "records.read");
  const record = await restoreRecord(id);
  const name = `restore-${id}.${format}`;
  if (format === "csv") return { name, type: "text/csv; charset=utf-8", lines: csv(record.database, id) };
  return { name, type: "application/json", lines: json(record.database, id, record) };
}

const columns = [
  "n",
  "act",
  "origin",
  "schema",
  "table",
  "record",
  "entry",
  "before",
  "after",
  "changed",
  "differing",
  "doneAt",
  "undoneAt",
] as const;

async function* csv(database: string, id: string): AsyncGenerator<string> {
  yield `${columns.join(",")}\r\n`;
  for await (const rows of slices(database, id))
    yield rows.map((row) => `${columns.map((name) => cell(row[name])).join(",")}\r\n`).join("");
}

/** A cell that a spreadsheet does not take for a formula. */
function cell(value: RestoredRow[(typeof columns)[number]]): string {
  const text = Array.isArray(value) ? value.join(" ") : value === null ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function* json(database: string, id: string, record: object): AsyncGenerator<string> {
  yield `${JSON.stringify(record).slice(0, -1)},"rows":[`;
  let first = true;
  for await (const rows of slices(database, id)) {
    yield `${first ? "" : ","}\n${rows.map((row) => JSON.stringify(row)).join(",\n")}`;
    first = false;
  }
  yield "\n]}\n";
}

async function* slices(database: string, id: string): AsyncGenerator<RestoredRow[]> {
  for (let after = 0; ; ) {
    const rows = await withDatabase(database, (client) => readReceipts(client, id, after, sliceSize));
    if (rows.length > 0) yield rows;
    if (rows.length < sliceSize) return;
    after = rows.at(-1)?.n ?? 0;
  }
}
