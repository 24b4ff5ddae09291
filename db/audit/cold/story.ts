import { Values } from "../conditions.ts";
import { parseRow } from "../lossless.ts";
import { merged } from "../members.ts";
import { archivedText } from "../query/columns.ts";
import { affectedRows } from "../story-count.ts";
import type { StoryKey, StoryPart } from "../story-rows.ts";
import { coldColumns, coldRow } from "./ask-file.ts";
import type { ColdLog } from "./log.ts";

/** What story-rows.ts asks of the log, asked of archived months: the first entries of a story, and how many there are. */
export async function coldStory({ duck, from }: ColdLog, key: StoryKey, limit: number): Promise<StoryPart> {
  const values = new Values();
  const where = condition(values, key);
  const given = values.list.map(String);
  const reader = await duck.runAndReadAll(
    `SELECT ${coldColumns}, old_values, new_values, changes FROM ${from} AS entries
      WHERE ${where} ORDER BY entries.created_at, entries.id LIMIT ${limit}`,
    given,
  );
  const found = reader.getRowObjectsJson();
  const counted = await duck.runAndReadAll(
    `SELECT action, resource_schema AS "schema", resource_type AS "table", tenant_id AS tenant,
            sum(${affectedRows(archivedText)})::BIGINT AS "rows"
       FROM ${from} WHERE ${where} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    given,
  );
  return {
    rows: found.map(coldRow),
    images: new Map(
      found.flatMap((row) => {
        const image = parseRow(stateOf(row));
        return image === null ? [] : [[String(row.id), image] as const];
      }),
    ),
    counts: counted.getRowObjectsJson().map((row) => ({
      action: String(row.action),
      schema: text(row.schema),
      table: text(row.table),
      tenant: text(row.tenant),
      rows: Number(row.rows),
    })),
  };
}

function condition(values: Values, key: StoryKey): string {
  if (key.kind === "request") return `request_id = ${values.add(key.request)}`;
  const where = `transaction_id = ${values.add(key.transaction)}::UBIGINT`;
  if (key.near === null) return where;
  const near = `${values.add(key.near)}::TIMESTAMPTZ`;
  return `${where} AND created_at BETWEEN ${near} - INTERVAL 1 DAY AND ${near} + INTERVAL 1 DAY`;
}

/** The row as the entry left it, or as it went. */
function stateOf({ old_values, new_values, changes }: Record<string, unknown>): string | null {
  if (typeof new_values === "string") return new_values;
  return typeof old_values === "string" ? merged(old_values, typeof changes === "string" ? changes : "{}") : null;
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
