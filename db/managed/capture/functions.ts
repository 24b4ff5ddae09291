import { identifier, relation } from "../statement.ts";
import { type Column, sameKey } from "./columns.ts";
import { type CapturedTable, type CaptureOptions, type Entry, insertEntries, triggerFunction } from "./entry.ts";
import { resourceId } from "./key.ts";
import { anyDifference, changeSet, rowState } from "./state.ts";
import { tenantOf } from "./tenant.ts";

export function insertFunction(table: CapturedTable, { clock = "clock_timestamp()" }: CaptureOptions): string {
  const entry: Entry = {
    tenant: tenantOf(table.columns, table.tenant, "n"),
    key: resourceId(keyOf(table), "n", table.masked),
    before: "NULL::jsonb",
    after: rowState(table, "n"),
    changed: "NULL::jsonb",
  };
  return triggerFunction(table, "insert", "", insertEntries(table, "create", "new_rows AS n", entry, clock));
}

export function deleteFunction(table: CapturedTable, { clock = "clock_timestamp()" }: CaptureOptions): string {
  const entry: Entry = {
    tenant: tenantOf(table.columns, table.tenant, "o"),
    key: resourceId(keyOf(table), "o", table.masked),
    before: rowState(table, "o"),
    after: "NULL::jsonb",
    changed: "NULL::jsonb",
  };
  return triggerFunction(table, "delete", "", insertEntries(table, "delete", "old_rows AS o", entry, clock));
}

/**
 * Three ways to pair a row before with its row after:
 * - a statement that touched one row: there is nothing to pair, and no join to set up;
 * - by primary key. FULL JOIN, because the planner can never answer it with a nested loop: a plan made for two rows is kept for
 *   the session and must not take quadratic time for a bulk update;
 * - by position, where a key changed or there is none: both transition tables are filled side by side, row for row.
 */
export function updateFunction(table: CapturedTable, { clock = "clock_timestamp()" }: CaptureOptions): string {
  const key = keyOf(table);
  const position = freshName(table);
  const numbered = (rows: string) => `(SELECT row_number() OVER () AS ${identifier(position)}, ${rows}.* FROM ${rows})`;
  const byPosition = `${numbered("old_rows")} AS o FULL JOIN ${numbered("new_rows")} AS n USING (${identifier(position)})`;
  const different = anyDifference(table, "o", "n");
  const entry = (besides: string[]): Entry => ({
    tenant: tenantOf(table.columns, table.tenant, "o"),
    key: resourceId(key, "o", table.masked),
    before: rowState(table, "o", besides),
    after: "NULL::jsonb",
    changed: changeSet(table, "o", "n"),
  });
  const rekeyed = (besides: string[]): Entry => ({
    ...entry(besides),
    newKey: resourceId(key, "n", table.masked),
    metadata:
      "CASE WHEN e.new_key IS DISTINCT FROM e.key THEN coalesce(details, '{}') || jsonb_build_object('new_key', e.new_key) ELSE details END",
  });
  const single = insertEntries(
    table,
    "update",
    `old_rows AS o CROSS JOIN new_rows AS n\n       WHERE ${different}`,
    rekeyed([]),
    clock,
  );
  const positional = insertEntries(
    table,
    "update",
    `${byPosition}\n       WHERE ${different}`,
    rekeyed([position]),
    clock,
  );
  if (key.length === 0) {
    return triggerFunction(
      table,
      "update",
      "",
      insertEntries(table, "update", `${byPosition}\n       WHERE ${different}`, entry([position]), clock),
    );
  }
  const pairs = `old_rows AS o FULL JOIN new_rows AS n ON ${key.map((column) => sameKey(column, "o", "n")).join(" AND ")}`;
  const [first] = key;
  const alone = first ? `o.${identifier(first.name)} IS NULL OR n.${identifier(first.name)} IS NULL` : "false";
  const keyed = insertEntries(
    table,
    "update",
    `${pairs}\n       WHERE CASE WHEN ${alone} THEN false ELSE ${different} END`,
    entry([]),
    clock,
  );
  const body = `
  SELECT count(*) INTO touched FROM (SELECT FROM new_rows LIMIT 2) AS few;
  IF touched = 1 THEN
  ${single}
  ELSIF touched > 1 AND NOT EXISTS (SELECT FROM ${pairs} WHERE ${alone}) THEN
  ${keyed}
  ELSIF touched > 1 THEN
  ${positional}
  END IF;`;
  return triggerFunction(table, "update", "\n  touched integer;", body);
}

/**
 * TRUNCATE has no transition table. Rows are counted, exactly up to a million (by the planner's estimate), since counting more
 * would hold the application up; a partition counts its own.
 */
export function truncateFunction(table: CapturedTable, { clock = "clock_timestamp()" }: CaptureOptions): string {
  const body = `
  SELECT c.reltuples::bigint INTO amount FROM pg_class AS c WHERE c.oid = TG_RELID;
  estimated := amount > 1000000;
  IF NOT estimated THEN
    EXECUTE format('SELECT count(*) FROM ONLY %s', TG_RELID::regclass) INTO amount;
  END IF;
  details := coalesce(details, '{}') || jsonb_build_object('rows', amount, 'estimated', estimated);
${insertEntries(table, "truncate", "(SELECT) AS one", truncation, clock)}`;
  return triggerFunction(table, "truncate", "\n  amount bigint;\n  estimated boolean;", body);
}

const truncation: Entry = {
  tenant: "tenant",
  key: "NULL::text",
  before: "NULL::jsonb",
  after: "NULL::jsonb",
  changed: "NULL::jsonb",
};

function keyOf(table: CapturedTable): Column[] {
  return table.primaryKey.map((name) => {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (!column)
      throw new TypeError(`The key column ${name} is not a column of ${relation(table.schema, table.name)}.`);
    return column;
  });
}

/** A column name that the table does not have. */
function freshName(table: CapturedTable): string {
  let name = "position";
  while (table.columns.some((column) => column.name === name)) name += "_";
  return name;
}
