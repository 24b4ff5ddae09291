import { createHash } from "node:crypto";
import { canonical } from "../../canonical.ts";
import type { PlanRestore } from "./contract.ts";
import { problems, rows, willOf } from "./scratch.ts";
import { named, type Work } from "./work.ts";

/**
 * What a plan rests on, part by part, each as a hash: from which rows, in which tables, with which problems. Two plans of one input
 * are the same when their parts are; where they are not, the parts say what changed.
 */
export interface PlanParts {
  /** Rows that are written. */
  writes: number;
  /** Where the rows of a tenant that has moved are written; absent where it never did. */
  into?: { tenant: string; database: string; schema: string };
  /** By "schema.table": what the catalog says of it. */
  tables: Record<string, string>;
  /** By "schema.table": how many rows, and what they were and are to be. */
  rows: Record<string, { rows: number; hash: string }>;
  /** By the problem's kind. */
  problems: Record<string, { rows: number; open: number; hash: string }>;
}

const hashSql = (line: string) =>
  `encode(sha256(convert_to(string_agg(${line}, E'\\n' ORDER BY r.key), 'UTF8')), 'hex')`;
const sha = (value: string) => `coalesce(encode(sha256(convert_to(${value}::text, 'UTF8')), 'hex'), '-')`;

export async function digest(work: Work): Promise<PlanParts> {
  const { client, moving, database } = work;
  const line = `concat_ws('|', r.key, r.act, r.origin, r.state, r.entry, ${sha("r.image")}, ${sha("r.standing")}, ${sha(willOf("r"))})`;
  const found = await client.query<{ tab: number; rows: number; hash: string }>(
    `SELECT r.tab, count(*)::int AS rows, ${hashSql(line)} AS hash FROM ${rows} AS r GROUP BY r.tab ORDER BY r.tab`,
  );
  const about = `concat_ws('|', r.key, p.settled, p.choice::text, p.proposed, (p.detail - 'at')::text)`;
  const noted = await client.query<{ kind: string; rows: number; open: number; hash: string }>(
    `SELECT p.kind, count(*)::int AS rows, (count(*) FILTER (WHERE NOT p.settled))::int AS open, ${hashSql(about)} AS hash
       FROM ${problems} AS p JOIN ${rows} AS r ON r.n = p.n GROUP BY p.kind ORDER BY p.kind`,
  );
  const open = await client.query<{ writes: number }>(
    `SELECT count(*)::int AS writes FROM ${rows} WHERE state = 'open'`,
  );
  const name = (tab: number) => named(work.tables[tab] ?? { schema: "", name: "" });
  return {
    writes: open.rows[0]?.writes ?? 0,
    ...(moving && { into: { tenant: moving.tenant, database: database.id, schema: moving.schema } }),
    tables: Object.fromEntries(found.rows.map(({ tab }) => [name(tab), shortHash(work.tables[tab]?.shape ?? null)])),
    rows: Object.fromEntries(found.rows.map(({ tab, rows, hash }) => [name(tab), { rows, hash }])),
    problems: Object.fromEntries(noted.rows.map(({ kind, rows, open, hash }) => [kind, { rows, open, hash }])),
  };
}

function shortHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

/** The hash that consent is bound to: of the input as well as of what it rests on. */
export function planHash(input: PlanRestore, parts: PlanParts): string {
  return createHash("sha256")
    .update(canonical([input, parts]))
    .digest("hex");
}
