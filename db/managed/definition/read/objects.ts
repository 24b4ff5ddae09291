import type { DefinitionProblem } from "../definition.ts";
import type { Reader } from "../reader.ts";

interface Edge {
  /** "relation 16384", "type 16390", "function 16401". */
  from: string;
  to: string;
}

export interface Objects {
  edges: Edge[];
  types: string[];
  functions: string[];
  extensions: { name: string; schema: string }[];
}

/**
 * What these relations need, by the dependencies that PostgreSQL records: types and functions that no extension brings, the
 * extensions themselves, and in which order all of it can be made. Foreign keys do not count: they are added last.
 */
export async function readObjects(reader: Reader, relations: readonly string[]): Promise<Objects> {
  const known = new Set(relations.map((oid) => `relation ${oid}`));
  const types = new Set<string>();
  const functions = new Set<string>();
  const extensions = new Map<string, string>();
  const others = new Map<string, DefinitionProblem>();
  const edges: Edge[] = [];
  // A few rounds: what tables need, what that needs in turn. Each looks only at the objects that are new.
  let next: { relations: readonly string[]; types: string[]; functions: string[] } = {
    relations,
    types: [],
    functions: [],
  };
  while (next.relations.length + next.types.length + next.functions.length > 0) {
    const rows = await reader.once<Row>(needs, [next.relations, next.types, next.functions]);
    const found = { relations: [], types: new Set<string>(), functions: new Set<string>() };
    for (const row of rows) {
      if (row.extension !== null) extensions.set(row.extension, row.extensionSchema ?? "public");
      else if (row.kind === "other") others.set(row.description, otherObject(row));
      else edges.push({ from: row.source, to: `${row.kind} ${row.oid}` });
      if (row.extension !== null) continue;
      if (row.kind === "type" && !types.has(row.oid)) found.types.add(row.oid);
      if (row.kind === "function" && !functions.has(row.oid)) found.functions.add(row.oid);
    }
    for (const oid of found.types) types.add(oid);
    for (const oid of found.functions) functions.add(oid);
    next = { relations: [], types: [...found.types], functions: [...found.functions] };
  }
  reader.elsewhere.push(...others.values());
  const nodes = new Set([
    ...known,
    ...[...types].map((oid) => `type ${oid}`),
    ...[...functions].map((oid) => `function ${oid}`),
  ]);
  return {
    edges: edges.filter(({ from, to }) => from !== to && nodes.has(from) && nodes.has(to)),
    types: [...types],
    functions: [...functions],
    extensions: [...extensions].map(([name, schema]) => ({ name, schema })),
  };
}

interface Row {
  source: string;
  kind: "relation" | "type" | "function" | "other";
  oid: string;
  description: string;
  extension: string | null;
  extensionSchema: string | null;
}

// A node owns its parts: a table its defaults, checks, policies, triggers and indexes, a view its rule, a composite type the
// relation behind it. What a part needs, its node needs. A table's row type is the table, an array is its element.
const needs = `
WITH part AS MATERIALIZED (
  SELECT 'pg_class'::regclass::oid AS classid, given.oid AS objid, 'relation ' || given.oid AS source FROM unnest($1::oid[]) AS given (oid)
   UNION ALL
  SELECT 'pg_attrdef'::regclass, f.oid, 'relation ' || f.adrelid FROM pg_attrdef f WHERE f.adrelid = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_constraint'::regclass, o.oid, 'relation ' || o.conrelid FROM pg_constraint o WHERE o.conrelid = ANY ($1::oid[]) AND o.contype <> 'f'
   UNION ALL
  SELECT 'pg_policy'::regclass, p.oid, 'relation ' || p.polrelid FROM pg_policy p
   WHERE p.polrelid = ANY ($1::oid[]) AND p.polname NOT IN ('caretaker_tenant', 'caretaker_staff')
     AND p.polname !~ '^caretaker_move_[0-9a-f]{12}_[ab]_'
   UNION ALL
  SELECT 'pg_trigger'::regclass, t.oid, 'relation ' || t.tgrelid FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname <> 'caretaker'
   WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal
   UNION ALL
  SELECT 'pg_class'::regclass, x.indexrelid, 'relation ' || x.indrelid FROM pg_index x WHERE x.indrelid = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_rewrite'::regclass, r.oid, 'relation ' || r.ev_class FROM pg_rewrite r WHERE r.ev_class = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_type'::regclass, given.oid, 'type ' || given.oid FROM unnest($2::oid[]) AS given (oid)
   UNION ALL
  SELECT 'pg_constraint'::regclass, o.oid, 'type ' || o.contypid FROM pg_constraint o WHERE o.contypid = ANY ($2::oid[])
   UNION ALL
  SELECT 'pg_class'::regclass, t.typrelid, 'type ' || t.oid FROM pg_type t WHERE t.oid = ANY ($2::oid[]) AND t.typrelid <> 0
   UNION ALL
  SELECT 'pg_proc'::regclass, given.oid, 'function ' || given.oid FROM unnest($3::oid[]) AS given (oid)
), need AS MATERIALIZED (
  SELECT DISTINCT part.source, d.refclassid, d.refobjid
    FROM part
    JOIN pg_depend d ON d.classid = part.classid AND d.objid = part.objid
   WHERE d.deptype <> 'e' AND d.refobjid >= 16384
     AND d.refclassid NOT IN ('pg_namespace'::regclass, 'pg_extension'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass,
                              'pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
), object AS MATERIALIZED (
  SELECT DISTINCT need.source,
         CASE WHEN row.relkind <> 'c' THEN 'pg_class'::regclass::oid
              WHEN made.relkind = 'c' THEN 'pg_type'::regclass::oid ELSE need.refclassid END AS classid,
         CASE WHEN row.relkind <> 'c' THEN row.oid
              WHEN made.relkind = 'c' THEN made.reltype ELSE coalesce(element.oid, need.refobjid) END AS oid
    FROM need
    LEFT JOIN pg_type t ON need.refclassid = 'pg_type'::regclass AND t.oid = need.refobjid
    LEFT JOIN pg_type element ON element.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    LEFT JOIN pg_class row ON row.oid = element.typrelid
    LEFT JOIN pg_class made ON need.refclassid = 'pg_class'::regclass AND made.oid = need.refobjid
)
SELECT object.source,
       CASE object.classid WHEN 'pg_class'::regclass THEN 'relation' WHEN 'pg_type'::regclass THEN 'type'
            WHEN 'pg_proc'::regclass THEN 'function' ELSE 'other' END AS kind,
       object.oid::text AS oid, pg_describe_object(object.classid, object.oid, 0) AS description,
       x.extname AS extension, xn.nspname AS "extensionSchema"
  FROM object
  LEFT JOIN pg_depend e ON e.classid = object.classid AND e.objid = object.oid AND e.deptype = 'e'
  LEFT JOIN pg_extension x ON x.oid = e.refobjid
  LEFT JOIN pg_namespace xn ON xn.oid = x.extnamespace
 WHERE object.oid >= 16384 OR object.classid = 'pg_class'::regclass
 ORDER BY 1, 2, 3`;

function otherObject({ description }: Row): DefinitionProblem {
  return {
    severity: "blocking",
    code: "other_object",
    subject: description,
    message: "The tables need it, and it cannot be carried to another database.",
    fix: "Make it in the target database first.",
  };
}

/** The nodes in an order in which each stands after what it needs; among equals, in the order given. */
export function inOrder(nodes: readonly string[], edges: readonly Edge[]): string[] {
  const needs = new Map<string, string[]>();
  for (const { from, to } of edges) needs.set(from, [...(needs.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (node: string): void => {
    if (done.has(node)) return;
    done.add(node);
    for (const need of needs.get(node) ?? []) visit(need);
    ordered.push(node);
  };
  const ordered: string[] = [];
  for (const node of nodes) visit(node);
  return ordered;
}

/** What is made before the rows, and what waits for a view. */
export function inTwo(
  ordered: readonly string[],
  edges: readonly Edge[],
  views: readonly string[],
): { order: string[]; late: string[] } {
  const late = new Set(views);
  for (const node of ordered) if (edges.some(({ from, to }) => from === node && late.has(to))) late.add(node);
  return { order: ordered.filter((node) => !late.has(node)), late: ordered.filter((node) => late.has(node)) };
}
