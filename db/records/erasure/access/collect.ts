import { type Act, readActs } from "../../../audit/proof/read-acts.ts";
import { readValues } from "../../../audit/proof/read-values.ts";
import { withDatabase } from "../../../fleet.ts";
import { keyRecord, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { managedTablesOf } from "../../../managed-tables.ts";
import { limits } from "../../../transaction.ts";
import { tableShapes } from "../../table-shape.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { Findings, FoundEntries, FoundTable } from "../find/findings.ts";
import { logInputs, logParts } from "../find/log.ts";
import { nameOf } from "../find/looking.ts";
import { readLinked, unfollowed } from "./linked.ts";
import { shownSql } from "./shown.ts";

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
    }
  | ({ kind: "act" } & Omit<Act, "id">);

const rowsAtOnce = 200;

/**
 * Everything that a search found, with its values: of the person's own row all that is no secret, of rows that hang from it what is
 * personal and what links them, and of other people's rows the fields alone that name the person; rows that hang from it also beyond
 * what a search takes up. Then what the log says of them, and by which machines and programs the person acted. What can not be read
 * any more is told in `notReached`.
 */
export async function* collect(
  subject: ErasureSubject,
  found: Findings,
  notReached: NotReached[],
): AsyncGenerator<Known[]> {
  const managed = await managedTablesOf(subject.database);
  const maskedIn = (table: FoundTable) =>
    managed.find(({ schema, name }) => schema === table.schema && name === table.name)?.maskedColumns ?? [];
  for (const table of found.tables) yield* listedRows(subject.database, table, maskedIn(table), found, notReached);
  const parts = [...found.tables.flatMap((table) => logParts(table, subject)), ...found.past];
  for (const part of parts) yield* entriesOf(subject.database, part, notReached);
  const listed = new Set(found.tables.flatMap((table) => table.rows.map(({ record }) => `${nameOf(table)} ${record}`)));
  for (const table of found.tables) yield* rowsBeyond(subject, table, maskedIn(table), { found, listed, notReached });
  if (found.actor === null) return;
  for await (const acts of readActs(subject.database, found.actor.user, notReached))
    yield acts.map(({ id: _, ...act }) => ({ kind: "act" as const, ...act }));
}

async function* listedRows(
  databaseId: string,
  table: FoundTable,
  masked: readonly string[],
  found: Findings,
  notReached: NotReached[],
): AsyncGenerator<Known[]> {
  for (let at = 0; at < table.rows.length; at += rowsAtOnce) {
    const rows = await readRows(databaseId, table, table.rows.slice(at, at + rowsAtOnce), masked, found);
    if (!rows) {
      notReached.push({ where: nameOf(table), why: "There is no such table any more." });
      return;
    }
    yield rows;
  }
}

async function* entriesOf(databaseId: string, part: FoundEntries, notReached: NotReached[]): AsyncGenerator<Known[]> {
  const table = `${part.schema}.${part.table}`;
  for (const input of logInputs(databaseId, part)) {
    for await (const entries of readValues(input, notReached))
      yield entries.map(({ id: _, ...entry }) => ({ kind: "entry" as const, table, ...entry }));
  }
}

interface Listed {
  found: Findings;
  /** By "schema.name key": rows that were handed out already. */
  listed: ReadonlySet<string>;
  notReached: NotReached[];
}

/** The rows that hang from the person's own beyond those that the search listed, each page with what the log says of it. */
async function* rowsBeyond(
  subject: ErasureSubject,
  table: FoundTable,
  masked: readonly string[],
  { found, listed, notReached }: Listed,
): AsyncGenerator<Known[]> {
  const told = toldOf(table, found);
  let isFirst = true;
  for await (const page of readLinked(subject, table, masked, found)) {
    const rows = page.filter(({ record }) => !listed.has(`${nameOf(table)} ${record}`));
    if (rows.length === 0) continue;
    if (isFirst) notReached.push(...(await unfollowed(subject, table, found)));
    isFirst = false;
    yield rows.map((row) => ({ kind: "row" as const, table: nameOf(table), how: table.kind, ...row }));
    const { schema, name } = table;
    const columns = table.columns.map((column) => column.name);
    const records = rows.map(({ record }) => record).filter((record) => !told.has(record));
    yield* entriesOf(subject.database, { schema, table: name, columns, records }, notReached);
  }
}

/** Records of which the log was asked for all of a finding's columns though the search did not list their rows. */
function toldOf({ schema, name, columns }: FoundTable, { past }: Findings): Set<string> {
  const parts = past.filter(
    (part) =>
      part.schema === schema && part.table === name && columns.every((column) => part.columns.includes(column.name)),
  );
  return new Set(parts.flatMap(({ records }) => records));
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
      const { rows: read } = await client.query<{ record: string; values: string }>(
        `SELECT r.record, (to_jsonb(${shownSql(table, shape, masked, found)}) - r.without)::text AS values
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
