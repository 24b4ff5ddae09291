import type { TableName } from "../../managed/foreign-keys.ts";
import { Values } from "../conditions.ts";
import { merged } from "../members.ts";
import { lastId, type Moment, type Sides, type Telling } from "../record-at-images.ts";
import type { ColdLog } from "./log.ts";

const stamp = "strftime(created_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')";

interface Told {
  id: string;
  at: string;
  action: string;
  record: string | null;
  newKey: string | null;
  before: string | null;
  created: string | null;
  changes: string | null;
}

/** What record-at-images.ts asks of the log, asked of archived months, for records in their order. */
export async function coldSides(
  { duck, from }: ColdLog,
  records: readonly (TableName & { record: string })[],
  moment: Moment,
): Promise<Sides[]> {
  const values = new Values();
  const asked = records.map(({ schema, table, record }, place) => {
    return `(${place}, ${values.add(schema)}, ${values.add(table)}, ${values.add(record)})`;
  });
  const at = `${values.add(moment.at)}::TIMESTAMPTZ`;
  const id = `${values.add(moment.id ?? String(lastId))}::BIGINT`;
  const until = `(created_at < ${at} OR (created_at = ${at} AND id <= ${id}))`;
  const told = `struct_pack(id := id::VARCHAR, at := ${stamp}, action := action,
                            record := resource_id, newKey := new_key, before := old_values, created := new_values, changes := changes)`;
  const reader = await duck.runAndReadAll(
    `WITH asked (place, "schema", name, record) AS (VALUES ${asked.join(", ")}),
          log AS (SELECT *, json_extract_string(metadata, '/new_key') AS new_key FROM ${from}
                   WHERE action IN ('create', 'update', 'delete'))
     SELECT place, arg_max(${told}, (created_at, id)) FILTER (${until}) AS last,
            arg_min(${told}, (created_at, id)) FILTER (NOT ${until}) AS next
       FROM asked JOIN log ON log.resource_schema = asked."schema" AND log.resource_type = asked.name
                          AND (log.resource_id = asked.record OR log.new_key = asked.record)
      GROUP BY place`,
    values.list.map(String),
  );
  const found = new Map(reader.getRowObjectsJson().map((row) => [Number(row.place), row]));
  return records.map(({ record }, place) => ({
    last: tellingOf(found.get(place)?.last, record),
    next: tellingOf(found.get(place)?.next, record),
  }));
}

/** When an archived entry was made; null where these months do not hold it. */
export async function coldMoment({ duck, from }: ColdLog, id: string): Promise<string | null> {
  const reader = await duck.runAndReadAll(`SELECT ${stamp} FROM ${from} WHERE id = $1::BIGINT`, [id]);
  const at = reader.getRows()[0]?.[0];
  return at === undefined || at === null ? null : String(at);
}

function tellingOf(value: unknown, record: string): Telling | null {
  if (!isTold(value)) return null;
  const { id, at, action, newKey, before, created, changes } = value;
  const own = value.record === record;
  const after = action === "create" ? created : action === "update" ? merged(before ?? "{}", changes ?? "{}") : null;
  return { id, at, action, own, left: own && newKey !== null && newKey !== record, before, after };
}

/** DuckDB's own struct, of which `told` above says what is in it. */
function isTold(value: unknown): value is Told {
  return typeof value === "object" && value !== null && "newKey" in value;
}
