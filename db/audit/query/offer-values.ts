import type pg from "pg";
import { conditions, Values } from "../conditions.ts";
import type { Asked } from "./asked.ts";
import { keyColumns, loggedText, textColumns } from "./columns.ts";
import type { Named } from "./fields.ts";

const sampled = 1_000;
const most = 10;

interface Counted {
  value: string;
  count: number;
}

const columns: Partial<Record<Named, string>> = {
  ...keyColumns,
  ...textColumns(loggedText),
  ip: "host(ip_address)",
  tx: "transaction_id::text",
};

/** What the newest entries have in a field, the commonest first. */
export async function recentValues(
  client: pg.ClientBase,
  { terms }: Asked,
  field: Named,
  key: string | undefined,
  begin: string,
): Promise<Counted[]> {
  const values = new Values();
  const value = valueSql(values, field, key);
  if (value === null) return [];
  const where = conditions(values, terms);
  const { rows } = await client.query<Counted>(
    `SELECT value, count(*)::int AS count
       FROM (SELECT ${value} AS value FROM caretaker.audit_logs ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
              ORDER BY created_at DESC, audit_logs.id DESC LIMIT ${sampled}) AS newest
      WHERE starts_with(lower(value), ${values.add(begin)}) AND length(value) <= 200
      GROUP BY value ORDER BY count(*) DESC, value LIMIT ${most}`,
    values.list,
  );
  return rows;
}

function valueSql(values: Values, field: Named, key: string | undefined): string | null {
  if (field !== "old" && field !== "new") return columns[field] ?? null;
  if (key === undefined) return null;
  const name = `${values.add(key)}::text`;
  return field === "old" ? `old_values ->> ${name}` : `coalesce(changes ->> ${name}, new_values ->> ${name})`;
}

/** The columns of the tables that have entries captured. */
export async function columnsBegun(client: pg.ClientBase, begin: string): Promise<Counted[]> {
  const { rows } = await client.query<Counted>(
    `SELECT a.attname AS value, count(DISTINCT c.oid)::int AS count
       FROM pg_trigger t
       JOIN pg_class c ON c.oid = t.tgrelid
       JOIN pg_proc p ON p.oid = t.tgfoid
       JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'caretaker'
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE starts_with(lower(a.attname), $1)
      GROUP BY a.attname ORDER BY count(DISTINCT c.oid) DESC, a.attname LIMIT ${most}`,
    [begin],
  );
  return rows;
}
