import pg from "pg";
import { readValues } from "../../../audit/proof/read-values.ts";
import { withDatabase } from "../../../fleet.ts";
import { limits } from "../../../transaction.ts";
import { managedTablesOf } from "../../managed.ts";
import { keyRecord, quote, quoteTable, sameKey } from "../../row-key.ts";
import { tableShapes } from "../../table-shape.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { Findings, FoundTable } from "../find/findings.ts";
import { logInputs, logParts } from "../find/log.ts";
import { nameOf } from "../find/looking.ts";

/** One thing that is known of a person. Values are JSON text, so that no number loses a digit. */
export type Known =
  | { kind: "row"; table: string; record: string; how: FoundTable["kind"]; values: string }
  | {
      kind: "entry";
      table: string;
      record: string | null;
      at: string;
      action: string;
      before: string | null;
      after: string | null;
    };

const rowsAtOnce = 200;

/**
 * Everything that a search found, with its values: of the person's own row all that is no secret, of rows that hang from it what is
 * personal and what links them, and of other people's rows the fields alone that name the person. Then what the log says of them.
 * What can not be read any more is told in `notReached`.
 */
export async function* collect(
  subject: ErasureSubject,
  found: Findings,
  notReached: NotReached[],
): AsyncGenerator<Known[]> {
  const managed = await managedTablesOf(subject.database);
  for (const table of found.tables) {
    const masked =
      managed.find(({ schema, name }) => schema === table.schema && name === table.name)?.maskedColumns ?? [];
    for (let at = 0; at < table.rows.length; at += rowsAtOnce) {
      const rows = await readRows(subject.database, table, table.rows.slice(at, at + rowsAtOnce), masked, found);
      if (!rows) {
        notReached.push({ where: nameOf(table), why: "There is no such table any more." });
        break;
      }
      yield rows;
    }
  }
  const parts = [...found.tables.flatMap((table) => logParts(table, subject)), ...found.past];
  for (const part of parts) {
    for (const input of logInputs(subject.database, part)) {
      const table = `${part.schema}.${part.table}`;
      for await (const entries of readValues(input, notReached))
        yield entries.map(({ id: _, ...entry }) => ({ kind: "entry" as const, table, ...entry }));
    }
  }
}

/** Null where the table is gone. */
function readRows(
  databaseId: string,
  table: FoundTable,
  rows: FoundTable["rows"],
  masked: readonly string[],
  found: Findings,
): Promise<Known[] | null> {
  const key = found.keys[nameOf(table)] ?? [];
  return withDatabase(
    databaseId,
    async (client) => {
      const [shape] = await tableShapes(client, [table]);
      if (!shape || key.length === 0) return null;
      const names = shape.columns.map(({ name }) => name).filter((name) => !masked.includes(name));
      const personal = new Set(table.columns.map(({ name }) => name));
      const linking = new Set([...key.map(({ name }) => name), ...(table.via?.columns ?? [])]);
      const shown = names.filter((name) => table.kind === "own" || personal.has(name) || linking.has(name));
      const pairs = shown.map((name) => `${pg.escapeLiteral(name)}, t.${quote(name)}`);
      const { rows: read } = await client.query<{ record: string; values: string }>(
        `SELECT r.record, (to_jsonb(json_build_object(${pairs.join(", ")})) - r.without)::text AS values
           FROM jsonb_to_recordset($1::jsonb) AS r (record text, without text[])
          CROSS JOIN LATERAL ${keyRecord(key, "r.record", "k")}
           JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "k", key)} ORDER BY 1`,
        [JSON.stringify(rows.map(({ record, columns }) => ({ record, without: hidden(table, columns) })))],
      );
      return read.map((row) => ({ kind: "row" as const, table: nameOf(table), how: table.kind, ...row }));
    },
    { limits: limits.long },
  );
}

/** Of somebody else's row, the searched columns that do not hold a word. */
function hidden({ kind, columns }: FoundTable, holding: readonly string[]): string[] {
  if (kind === "own" || kind === "path") return [];
  return columns.map(({ name }) => name).filter((name) => !holding.includes(name));
}
