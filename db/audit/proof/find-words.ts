import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { isInterruption } from "../../jobs/finish.ts";
import { archivesOf } from "../archive/registry.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";

/** Where entries hold a word: in which columns of which record's images. */
export interface WordEntry {
  schema: string;
  table: string;
  record: string;
  columns: string[];
}

interface Images {
  schema: string;
  table: string;
  record: string | null;
  old: string | null;
  new: string | null;
  changes: string | null;
}

const entriesMax = 5_000;
const timeoutMs = 60_000;

/**
 * Looks through the log and its archived months for words within the named columns (by "schema.table"). Nothing serves this
 * question, so that all entries of those tables are read; what was not read within a minute each is said.
 */
export async function findWords(
  databaseId: string,
  columns: ReadonlyMap<string, ReadonlySet<string>>,
  words: readonly string[],
): Promise<{ entries: WordEntry[]; notReached: { where: string; why: string }[] }> {
  const notReached: { where: string; why: string }[] = [];
  if (words.length === 0 || columns.size === 0) return { entries: [], notReached };
  const found: Images[] = [];
  const within = async (where: string, read: () => Promise<Images[]>) => {
    try {
      const images = await read();
      if (images.length > entriesMax) notReached.push({ where, why: `More than ${entriesMax} entries hold a word.` });
      found.push(...images.slice(0, entriesMax));
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      if (isInterruption(error) || !(error instanceof Refusal || late)) throw error;
      notReached.push({ where, why: late ? "It was not read within its time." : error.message });
    }
  };
  await within("the log in PostgreSQL", () => inPostgres(databaseId, [...columns.keys()], words));
  for (const archive of await archivesOf([databaseId])) {
    await within(`the archived month ${archive.month}`, async () => {
      const signal = AbortSignal.timeout(timeoutMs);
      return inFile(await coldFile(archive, signal), [...columns.keys()], words, signal);
    });
  }
  return { entries: holding(found, columns, words), notReached };
}

const anywhere = (words: readonly string[]) =>
  words.map((word) => `%${word.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`);

function inPostgres(databaseId: string, tables: readonly string[], words: readonly string[]): Promise<Images[]> {
  return withDatabase(
    databaseId,
    async (client) => {
      const { rows } = await client.query<Images>(
        `SELECT resource_schema AS schema, resource_type AS table, resource_id AS record,
                old_values::text AS old, new_values::text AS new, changes::text AS changes
           FROM caretaker.audit_logs
          WHERE resource_schema || '.' || resource_type = ANY ($1::text[]) AND resource_id IS NOT NULL
            AND lower(concat_ws(' ', old_values::text, new_values::text, changes::text)) LIKE ANY ($2::text[])
          LIMIT ${entriesMax + 1}`,
        [tables, anywhere(words)],
      );
      return rows;
    },
    { timeoutMs },
  );
}

function inFile(
  file: string,
  tables: readonly string[],
  words: readonly string[],
  signal: AbortSignal,
): Promise<Images[]> {
  return withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const values = [...tables, ...words.map((word) => word.toLowerCase())];
    const named = tables.map((_, at) => `$${at + 1}`).join(", ");
    const said = words.map((_, at) => `contains(said, $${tables.length + at + 1})`).join(" OR ");
    const reader = await duck.runAndReadAll(
      `SELECT resource_schema, resource_type, resource_id, old_values, new_values, changes
         FROM (SELECT *, lower(concat_ws(' ', old_values, new_values, changes)) AS said FROM read_parquet(${quoted(file)}))
        WHERE resource_schema || '.' || resource_type IN (${named}) AND resource_id IS NOT NULL AND (${said})
        LIMIT ${entriesMax + 1}`,
      values,
    );
    return reader.getRows().map((row) => {
      const [schema = "", table = "", record, old, fresh, changes] = row.map((value) =>
        value === null ? null : String(value),
      );
      const text = (value: string | null | undefined) => value ?? null;
      return {
        ...{ schema: schema ?? "", table: table ?? "", record: text(record) },
        ...{ old: text(old), new: text(fresh), changes: text(changes) },
      };
    });
  });
}

/** Which of the named columns it was: an entry may hold a word in another one alone. */
function holding(
  found: readonly Images[],
  columns: ReadonlyMap<string, ReadonlySet<string>>,
  words: readonly string[],
): WordEntry[] {
  const entries = new Map<string, WordEntry>();
  const lower = words.map((word) => word.toLowerCase());
  for (const { schema, table, record, old, new: fresh, changes } of found) {
    if (record === null) continue;
    for (const image of [old, fresh, changes]) {
      if (image === null) continue;
      for (const [column, value] of Object.entries(JSON.parse(image) as Record<string, unknown>)) {
        if (!columns.get(`${schema}.${table}`)?.has(column) || value === null) continue;
        const text = (typeof value === "string" ? value : JSON.stringify(value)).toLowerCase();
        if (!lower.some((word) => text.includes(word))) continue;
        const key = JSON.stringify([schema, table, record]);
        const entry = entries.get(key) ?? { schema, table, record, columns: [] };
        if (!entry.columns.includes(column)) entry.columns.push(column);
        entries.set(key, entry);
      }
    }
  }
  return [...entries.values()];
}
