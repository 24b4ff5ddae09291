import { keyRecord, keyText, quoteTable, sameKey } from "../../../managed/row-key.ts";
import { identifier } from "../../../managed/statement.ts";
import type { TableShape } from "../../table-shape.ts";
import type { Edge, FoundRow, FoundTable } from "./findings.ts";
import { type HeldSql, heldSqlOf } from "./held.ts";
import { ask, holdingSql, keyOf, type Looking, learn, nameOf, personalOf, rowsMax } from "./looking.ts";
import { beyond, type Candidate, fitting, type Taken } from "./room.ts";

const depthMax = 5;

/** Of one foreign key, rows that one erasure goes through in batches. */
const beyondMax = 100_000;

/** The person's own row, and by foreign keys the rows that hang from it. */
export async function findByKeys(looking: Looking): Promise<{ tables: FoundTable[]; edges: Edge[] }> {
  const own = await findOwn(looking);
  if (!own) return { tables: [], edges: [] };
  const tables = new Map([[own.key, own]]);
  const edges: Edge[] = [];
  const taken: Taken = { holding: own.rows.length, held: 0, bare: 0 };
  const heldSql = await heldSqlOf(looking);
  const seen = new Set(own.rows.map(({ record }) => `${nameOf(own)} ${record}`));
  let front = new Map([[nameOf(own), own.rows.map(({ record }) => record)]]);
  for (let depth = 1; depth <= depthMax && front.size > 0; depth++) {
    const next = new Map<string, string[]>();
    for (const [name, records] of [...front].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const parent = looking.shapes.get(name);
      if (!parent || records.length === 0) continue;
      await learn(
        looking,
        parent.children.map(({ schema, table }) => ({ schema, name: table })),
      );
      for (const key of parent.children) {
        const child = looking.shapes.get(`${key.schema}.${key.table}`);
        if (!child || key.schema === "caretaker") continue;
        const found = await findChildren(looking, heldSql, parent, records, child, key, depth);
        if (!found) continue;
        edges.push(found.edge);
        const unseen = found.rows.filter(({ record }) => !seen.has(`${nameOf(child)} ${record}`));
        const fresh = fitting(looking, taken, child, depth, unseen);
        for (const { record } of fresh) seen.add(`${nameOf(child)} ${record}`);
        if (fresh.length > 0) {
          const via = { columns: key.columns, parent: name };
          take(tables, looking, child, via, { depth, rows: fresh, beyond: found.beyond });
        }
        next.set(nameOf(child), [...(next.get(nameOf(child)) ?? []), ...fresh.map(({ record }) => record)]);
      }
    }
    front = next;
  }
  return { tables: [...tables.values()], edges };
}

function take(
  tables: Map<string, FoundTable>,
  looking: Looking,
  shape: TableShape,
  via: NonNullable<FoundTable["via"]>,
  { depth, rows, beyond }: Pick<FoundTable, "depth" | "rows" | "beyond">,
): void {
  const key = `path ${nameOf(shape)} ${via.columns.join(",")} ${via.parent}`;
  const known = tables.get(key);
  if (known) known.rows.push(...rows);
  else {
    const { schema, name } = shape;
    const columns = personalOf(looking, shape);
    tables.set(key, { key, kind: "path", schema, name, via, depth, columns, rows, held: [], beyond, entries: 0 });
  }
}

async function findOwn(looking: Looking): Promise<FoundTable | null> {
  const { schema = "public", table, record } = looking.subject;
  if (table === undefined || record === undefined) return null;
  await learn(looking, [{ schema, name: table }]);
  const shape = looking.shapes.get(`${schema}.${table}`);
  if (!shape) {
    looking.notReached.push({ where: `${schema}.${table}`, why: "There is no such table any more." });
    return null;
  }
  // Also where the row itself is gone: the log knows what pointed at it.
  await learn(
    looking,
    shape.children.map(({ schema: of, table: name }) => ({ schema: of, name })),
  );
  const key = keyOf(looking, shape);
  if (key.length === 0) {
    looking.notReached.push({ where: nameOf(shape), why: "It has no primary key by which a row could be named." });
    return null;
  }
  const rows = await ask(
    looking,
    nameOf(shape),
    async () => {
      const { rows: found } = await looking.client.query<FoundRow>(
        `SELECT ${keyText("t", key)} AS record, ${holdingSql(looking, shape, "t")} AS columns
           FROM ${keyRecord(key, "$1", "k")} JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "k", key)}`,
        [record],
      );
      return found;
    },
    [],
  );
  const columns = personalOf(looking, shape);
  const { name } = shape;
  return {
    key: `own ${nameOf(shape)}`,
    kind: "own",
    schema,
    name,
    via: null,
    depth: 0,
    columns,
    rows,
    held: [],
    beyond: 0,
    entries: 0,
  };
}

/**
 * The rows of one foreign key's table that point at these rows, with what of theirs is personal. Those that still hold it come first,
 * and among them those that no legal hold keeps.
 */
async function findChildren(
  looking: Looking,
  heldSql: HeldSql,
  parent: TableShape,
  records: readonly string[],
  child: TableShape,
  key: TableShape["children"][number],
  depth: number,
): Promise<{ edge: Edge; rows: Candidate[]; beyond: number } | null> {
  const [above, own] = [keyOf(looking, parent), keyOf(looking, child)];
  const where = `${nameOf(child)} by ${key.columns.join(", ")}`;
  if (own.length === 0) {
    looking.notReached.push({ where, why: "The table has no primary key by which a row could be named." });
    return null;
  }
  const joined = key.columns.map(
    (column, at) => `c.${identifier(column)} = p.${identifier(key.parentColumns[at] ?? column)}`,
  );
  const hanging = `(SELECT r.record AS parent, ${keyText("c", own)} AS record, ${holdingSql(looking, child, "c")} AS columns,
                           ${heldSql(child, "c")} AS held
                      FROM unnest($1::text[]) AS r (record)
                     CROSS JOIN LATERAL ${keyRecord(above, "r.record", "k")}
                      JOIN ${quoteTable(parent)} AS p ON ${sameKey("p", "k", above)}
                      JOIN ${quoteTable(child)} AS c ON ${joined.join(" AND ")}) AS hanging`;
  const found = await ask(
    looking,
    where,
    async () => {
      const { rows } = await looking.client.query<Candidate & { parent: string }>(
        `SELECT parent, record, columns, held FROM ${hanging}
          ORDER BY cardinality(columns) = 0, held, record, parent LIMIT ${rowsMax + 1}`,
        [records],
      );
      return rows;
    },
    null,
  );
  if (!found || found.length === 0) return null;
  const leftOut = found[rowsMax];
  const isFree = leftOut !== undefined && leftOut.columns.length > 0 && !leftOut.held;
  const isCounted = isFree && depth === 1 && child.children.length === 0;
  const more = isCounted ? await countBeyond(looking, where, hanging, records) : 0;
  if (leftOut) looking.notReached.push(beyond({ where, most: rowsMax, child, depth, leftOut, more }));
  const taken = found.slice(0, rowsMax);
  const columns = child.columns.filter(({ name }) => key.columns.includes(name));
  return {
    edge: {
      parent: nameOf(parent),
      child: { schema: child.schema, name: child.name },
      columns: key.columns,
      nullable: columns.every(({ nullable }) => nullable),
      onDelete: key.onDelete,
      pairs: taken.map(({ parent: above, record }) => [above, record]),
      more: leftOut !== undefined,
    },
    rows: [...new Map(taken.map(({ record, columns, held }) => [record, { record, columns, held }])).values()],
    beyond: more,
  };
}

/** How many rows that no legal hold keeps hold personal values beyond those that are taken up; none where there are too many to erase them in one go. */
async function countBeyond(
  looking: Looking,
  where: string,
  hanging: string,
  records: readonly string[],
): Promise<number> {
  const holding = await ask(
    looking,
    where,
    async () => {
      const { rows } = await looking.client.query<{ rows: number }>(
        `SELECT count(*)::int AS rows FROM (SELECT FROM ${hanging} WHERE cardinality(columns) > 0 AND NOT held LIMIT ${beyondMax + 1}) AS one`,
        [records],
      );
      return rows[0]?.rows ?? 0;
    },
    0,
  );
  return holding > beyondMax ? 0 : Math.max(0, holding - rowsMax);
}
