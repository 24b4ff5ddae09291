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
  const rows = await reader.once<Row>(walk, [relations]);
  const known = new Set(relations.map((oid) => `relation ${oid}`));
  const types = new Set<string>();
  const functions = new Set<string>();
  const extensions = new Map<string, string>();
  const edges: Edge[] = [];
  for (const row of rows) {
    if (row.extension !== null) {
      extensions.set(row.extension, row.extensionSchema ?? "public");
      continue;
    }
    if (row.kind === "type") types.add(row.oid);
    if (row.kind === "function") functions.add(row.oid);
    if (row.kind === "other") reader.elsewhere.push(otherObject(row));
    else edges.push({ from: row.source, to: `${row.kind} ${row.oid}` });
  }
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
const walk = `
WITH RECURSIVE part AS (
  SELECT 'pg_class'::regclass::oid AS classid, given.oid AS objid, 'pg_class'::regclass::oid AS nodeclass, given.oid AS node
    FROM unnest($1::oid[]) AS given (oid)
   UNION ALL
  SELECT 'pg_attrdef'::regclass, f.oid, 'pg_class'::regclass, f.adrelid FROM pg_attrdef f WHERE f.adrelid = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_constraint'::regclass, o.oid, 'pg_class'::regclass, o.conrelid FROM pg_constraint o
   WHERE o.conrelid = ANY ($1::oid[]) AND o.contype <> 'f'
   UNION ALL
  SELECT 'pg_policy'::regclass, p.oid, 'pg_class'::regclass, p.polrelid FROM pg_policy p
   WHERE p.polrelid = ANY ($1::oid[]) AND p.polname NOT IN ('caretaker_tenant', 'caretaker_staff')
   UNION ALL
  SELECT 'pg_trigger'::regclass, t.oid, 'pg_class'::regclass, t.tgrelid FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname <> 'caretaker'
   WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal
   UNION ALL
  SELECT 'pg_class'::regclass, x.indexrelid, 'pg_class'::regclass, x.indrelid FROM pg_index x WHERE x.indrelid = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_rewrite'::regclass, r.oid, 'pg_class'::regclass, r.ev_class FROM pg_rewrite r WHERE r.ev_class = ANY ($1::oid[])
   UNION ALL
  SELECT 'pg_constraint'::regclass, o.oid, 'pg_type'::regclass, o.contypid FROM pg_constraint o WHERE o.contypid <> 0
   UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 'pg_type'::regclass, t.oid FROM pg_type t WHERE t.typtype NOT IN ('b', 'c')
   UNION ALL
  SELECT 'pg_class'::regclass, c.oid, 'pg_type'::regclass, c.reltype FROM pg_class c WHERE c.relkind = 'c'
   UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, 'pg_proc'::regclass, p.oid FROM pg_proc p WHERE p.oid >= 16384
), need AS MATERIALIZED (
  SELECT DISTINCT part.nodeclass, part.node,
         CASE WHEN row.relkind <> 'c' THEN 'pg_class'::regclass::oid
              WHEN made.relkind = 'c' THEN 'pg_type'::regclass::oid
              ELSE d.refclassid END AS refclass,
         CASE WHEN row.relkind <> 'c' THEN row.oid
              WHEN made.relkind = 'c' THEN made.reltype
              ELSE coalesce(element.oid, d.refobjid) END AS ref
    FROM part
    JOIN pg_depend d ON d.classid = part.classid AND d.objid = part.objid AND d.deptype <> 'e'
    LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
    LEFT JOIN pg_type element ON element.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    LEFT JOIN pg_class row ON row.oid = element.typrelid
    LEFT JOIN pg_class made ON d.refclassid = 'pg_class'::regclass AND made.oid = d.refobjid
   WHERE d.refclassid NOT IN ('pg_namespace'::regclass, 'pg_extension'::regclass) AND d.refobjid >= 16384
), walk AS (
  SELECT 'pg_class'::regclass::oid AS nodeclass, oid AS node, NULL::oid AS fromclass, NULL::oid AS fromnode FROM unnest($1::oid[]) AS oid
   UNION
  SELECT need.refclass, need.ref, need.nodeclass, need.node
    FROM walk
    JOIN need ON need.nodeclass = walk.nodeclass AND need.node = walk.node
   WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = walk.nodeclass AND e.objid = walk.node AND e.deptype = 'e')
)
SELECT DISTINCT
       CASE walk.fromclass WHEN 'pg_class'::regclass THEN 'relation ' WHEN 'pg_type'::regclass THEN 'type ' ELSE 'function ' END || walk.fromnode AS source,
       CASE walk.nodeclass WHEN 'pg_class'::regclass THEN 'relation' WHEN 'pg_type'::regclass THEN 'type'
            WHEN 'pg_proc'::regclass THEN 'function' ELSE 'other' END AS kind,
       walk.node::text AS oid, pg_describe_object(walk.nodeclass, walk.node, 0) AS description,
       x.extname AS extension, xn.nspname AS "extensionSchema"
  FROM walk
  LEFT JOIN pg_depend e ON e.classid = walk.nodeclass AND e.objid = walk.node AND e.deptype = 'e'
  LEFT JOIN pg_extension x ON x.oid = e.refobjid
  LEFT JOIN pg_namespace xn ON xn.oid = x.extnamespace
 WHERE walk.fromnode IS NOT NULL
   AND walk.nodeclass NOT IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
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
