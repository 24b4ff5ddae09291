import type { PlanLook, PlannedRow, RestoreField, RestorePlan, RowOrigin, RowStatus } from "../contract.ts";
import { problemCodes } from "../problem-codes.ts";
import { problems, rows, willOf } from "../scratch.ts";
import { named, type Work } from "../work.ts";
import { labelOf } from "./label.ts";

const pageSize = 50;

/** The rows of one table, and the fields of one row. */
export async function readLook(work: Work, { table, after = 0, look }: PlanLook): Promise<RestorePlan["look"]> {
  const found = work.tables.find((one) => named(one) === table);
  const listed = found ? await readRows(work, found.tab, after) : [];
  return {
    table: found ? named(found) : null,
    rows: listed.slice(0, pageSize).map(({ n: _n, ...row }) => row),
    next: listed.length > pageSize ? (listed[pageSize - 1]?.n ?? null) : null,
    fields: look === undefined ? null : await readFields(work, look),
  };
}

async function readRows(work: Work, tab: number, after: number): Promise<(PlannedRow & { n: number })[]> {
  const { rows: found } = await work.client.query<PlannedRow & { n: number }>(
    `SELECT r.n::int AS n, r.key AS row, r.record, ${labelOf(work, "r")} AS label, r.origin, r.act, ${statusSql} AS status, r.entry::text AS entry
       FROM ${rows} AS r WHERE r.tab = $1 AND r.n > $2 ORDER BY r.n LIMIT $3`,
    [tab, after, pageSize + 1],
  );
  return found;
}

const order = `ARRAY['${problemCodes.join("','")}']`;

/** A row's status: the worst of its problems that is open, else what becomes of it. */
const statusSql = `coalesce(
  (SELECT p.code FROM ${problems} AS p WHERE p.n = r.n AND NOT p.settled ORDER BY array_position(${order}, p.code) LIMIT 1),
  CASE r.state WHEN 'live' THEN CASE r.origin WHEN 'link' THEN 'points_elsewhere' ELSE 'already_live' END WHEN 'skipped' THEN 'skipped' ELSE 'clean' END)`;

interface Field {
  name: string;
  was: string | null;
  stands: string | null;
  will: string | null;
  withheld: boolean;
  omitted: boolean;
  given: boolean;
  fitted: boolean;
}

async function readFields({ client, tables }: Work, key: string): Promise<RestoreField[] | null> {
  const { rows: found } = await client.query<
    Field & { tab: number; act: string; status: RowStatus; origin: RowOrigin }
  >(
    `SELECT r.tab, r.act, r.origin, f.name, (r.image -> f.name)::text AS was, (r.standing -> f.name)::text AS stands, (w.will -> f.name)::text AS will,
            f.name = ANY (r.withheld) AS withheld, f.name = ANY (r.omitted) AS omitted, r.given ? f.name AS given, r.fitted ? f.name AS fitted
       FROM ${rows} AS r CROSS JOIN LATERAL (SELECT ${willOf("r")} AS will) AS w
      CROSS JOIN LATERAL (SELECT DISTINCT name FROM jsonb_object_keys(coalesce(r.image, '{}') || coalesce(r.standing, '{}') || w.will) AS name) AS f
      WHERE r.key = $1`,
    [key],
  );
  const [first] = found;
  const shape = first && tables[first.tab]?.shape;
  if (!first || !shape) return null;
  const columns = shape.columns.filter(({ generatedAs }) => first.act === "insert" || generatedAs === null);
  const masked = new Set(tables[first.tab]?.managed?.maskedColumns ?? []);
  const byName = new Map(found.map((field) => [field.name, field]));
  const listed = columns.flatMap(({ name, type, generatedAs }): RestoreField[] => {
    const field = byName.get(name);
    const hidden = masked.has(name) && !field?.given;
    if (hidden && first.act === "update") return [];
    const note = generatedAs === null ? noteOf(field, first) : "The database computes it.";
    const { was = null, stands = null, will = null } = field ?? {};
    return [{ name, type, was, stands, will, note }];
  });
  const gone = found.filter(({ name }) => !shape.columns.some((column) => column.name === name));
  return [
    ...listed,
    ...gone.map(({ name, was }) => ({
      name,
      type: "",
      was,
      stands: null,
      will: null,
      note: "The column is gone; the value stays in the audit log.",
    })),
  ];
}

function noteOf(field: Field | undefined, { act, origin }: { act: string; origin: RowOrigin }): string | null {
  if (!field) return act === "insert" ? "Added since; takes its default." : null;
  if (field.given && origin === "link") return "Points again to the row that comes back.";
  if (field.given && origin === "undo") return "As it was before the restore.";
  if (field.will !== null && field.given) return field.will === "null" ? "Left empty." : "Another value, by choice.";
  if (field.omitted) return "Set to the column's default by choice.";
  if (act !== "insert") return null;
  if (field.withheld) return "Its value is not known.";
  return field.will === null ? "Does not fit; see the problems." : null;
}
