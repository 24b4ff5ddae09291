import { knownByColumns, knownByLengthMax, losingColumns, namedColumns } from "../../managed/sql/025-known-by.ts";
import { Values } from "../conditions.ts";
import { ExactNumber, parseRow } from "../lossless.ts";
import { rowName } from "../names-as-of.ts";
import type { Return } from "../who-deleted-after.ts";
import { type Asked, type DeletionRow, type DeletionSource, type Matched, marksOf } from "../who-deleted-find.ts";
import { coldColumns, coldRow } from "./ask-file.ts";
import { quoted } from "./duck.ts";
import { pointer } from "./images.ts";
import type { ColdLog } from "./log.ts";

/** Archived months of one database: what who-deleted-log.ts asks of its log. `masks` are the keyed hashes of the asked text. */
export function deletionsInArchive(
  log: ColdLog,
  asked: Asked,
  masks: readonly string[],
  limit: number,
): DeletionSource {
  return {
    ofKeys(keys, matched) {
      const values = new Values();
      const where = `resource_id IN (${[...new Set(keys)].map((key) => values.add(key)).join(", ")})
                     AND (action = 'delete' OR (action = 'update' AND (json_exists(metadata, '/new_key') OR ${marks(asked)})))`;
      return read(log, asked, values, where, matched, limit);
    },
    called(matched) {
      const values = new Values();
      const texts = [asked.text, ...(matched === "value" ? masks : [])];
      return read(log, asked, values, `${losesName} AND ${isCalled(values, texts, matched)}`, matched, limit);
    },
  };
}

/** How records came back after their deletions: see who-deleted-after.ts. */
export async function archivedReturns(
  { duck, from }: ColdLog,
  asked: Asked,
  deletions: readonly DeletionRow[],
): Promise<Map<string, Return>> {
  const keyed = deletions.filter(({ record }) => record !== null);
  if (keyed.length === 0) return new Map();
  const values = new Values();
  const gone = keyed.map(({ id, at, schema, table, record }) => {
    const [one, when, ...rest] = [id, at, schema ?? "", table ?? "", record].map((value) => values.add(value));
    return `(${one}::BIGINT, ${when}::TIMESTAMPTZ, ${rest.join(", ")})`;
  });
  const unmarks = marksOf(asked).map((mark) => {
    const path = quoted(pointer(mark));
    return `(json_exists(changes, ${path}) AND coalesce(json_extract_string(changes, ${path}), 'false') = 'false')`;
  });
  const reader = await duck.runAndReadAll(
    `WITH gone (id, since, "schema", name, record) AS (VALUES ${gone.join(", ")})
     SELECT gone.id::VARCHAR AS deletion, arg_min(log.id, (log.created_at, log.id))::VARCHAR AS id,
            arg_min(log.action, (log.created_at, log.id)) AS action,
            strftime(min(log.created_at) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS "at"
       FROM gone JOIN ${from} AS log
         ON log.resource_id = gone.record AND log.resource_type = gone.name AND log.resource_schema = gone."schema"
        AND (log.created_at > gone.since OR (log.created_at = gone.since AND log.id > gone.id))
        AND (log.action = 'create' OR (log.action = 'update' AND (${unmarks.join(" OR ")})))
      GROUP BY gone.id`,
    values.list.map(String),
  );
  return new Map(
    reader
      .getRowObjectsJson()
      .map(({ deletion, id, at, action }) => [
        String(deletion),
        { id: String(id), at: String(at), action: String(action) },
      ]),
  );
}

async function read(
  { duck, from }: ColdLog,
  asked: Asked,
  values: Values,
  where: string,
  matched: Matched,
  limit: number,
): Promise<DeletionRow[]> {
  const ofTenant =
    asked.tenantKeys === null ? "" : `AND tenant_id IN (${asked.tenantKeys.map((key) => values.add(key)).join(", ")})`;
  const reader = await duck.runAndReadAll(
    `SELECT ${coldColumns}, old_values, json_extract_string(metadata, '/new_key') AS new_key,
            coalesce(action = 'delete' OR ${marks(asked)}, false) AS deletes
       FROM ${from} AS entries WHERE ${where} ${ofTenant}
      ORDER BY entries.created_at DESC, entries.id DESC LIMIT ${limit}`,
    values.list.map(String),
  );
  return reader.getRowObjectsJson().map((row) => {
    const image = parseRow(typeof row.old_values === "string" ? row.old_values : null) ?? {};
    return {
      ...coldRow(row),
      label: rowName(image),
      field: fieldOf(image, asked.text),
      newKey: typeof row.new_key === "string" ? row.new_key : null,
      deletes: row.deletes === true,
      matched,
    };
  });
}

/** The column that begins as the asked text, the one with the least beside it. */
function fieldOf(image: Readonly<Record<string, unknown>>, text: string): string | null {
  const begins = knownByColumns.flatMap((name) => {
    const value = image[name];
    const isText = typeof value === "string" || typeof value === "number" || value instanceof ExactNumber;
    return isText && String(value).toLowerCase().startsWith(text.toLowerCase()) ? [{ name, value: String(value) }] : [];
  });
  return begins.toSorted((a, b) => a.value.length - b.value.length)[0]?.name ?? null;
}

const list = (columns: readonly string[]) => `[${columns.map((column) => quoted(pointer(column))).join(", ")}]`;

const losesName = `(action IN ('delete', 'truncate')
                    OR list_has_any(json_keys(changes), [${losingColumns.map(quoted).join(", ")}]))`;

/** An update set one of the columns that mark a row as deleted. */
function marks(asked: Asked): string {
  const set = `json_extract_string(changes, ${list(marksOf(asked))})`;
  return `coalesce(len(list_filter(${set}, lambda value: coalesce(value, 'false') <> 'false')) > 0, false)`;
}

/** As caretaker.known_by has it: every value that the row was known by, and the last word of its name. */
function isCalled(values: Values, texts: readonly string[], matched: Matched): string {
  const cut = (value: string) => `lower(left(${value}, ${knownByLengthMax}))`;
  const known = `list_transform(json_extract_string(old_values, ${list(knownByColumns)}), lambda value: ${cut("value")})`;
  const name = `json_extract_string(old_values, ${list(namedColumns)})`;
  const first = `list_filter(${name}, lambda value: value IS NOT NULL)[1]`;
  const all = `list_append(${known}, nullif(regexp_extract(${cut(first)}, ' ([^ ]+)$', 1), ''))`;
  const asked = texts.map((text) => cut(`${values.add(text)}::VARCHAR`));
  if (matched !== "beginning") return `list_has_any(${all}, [${asked.join(", ")}])`;
  return `len(list_filter(${all}, lambda value: ${asked.map((text) => `starts_with(value, ${text})`).join(" OR ")})) > 0`;
}
