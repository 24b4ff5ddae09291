import type pg from "pg";
import { conditions, type Position, Values } from "#db/audit/conditions.ts";
import type { Term } from "#db/audit/contract.ts";
import { auditPageSize, searchOne } from "#db/audit/search.ts";
import type { BenchTable } from "../bench.ts";
import type { Question } from "./questions.ts";
import { quantile, round, timed } from "./time.ts";

/** Pages at 90 % of the depth of the whole log, and of what the commonest tenant, actor and table have, against the first. */
export async function deepPages(
  client: pg.Client,
  reader: pg.PoolClient,
  questions: readonly Question[],
  tries: number,
): Promise<{ ratio: number; table: BenchTable }> {
  const filters = new Map<string, Term[]>([["no filter", []]]);
  for (const { name, terms } of questions) {
    if (["tenant", "actor", "table"].includes(name) && !filters.has(name)) filters.set(name, terms);
  }
  const rows: (string | number)[][] = [];
  let worst = 0;
  for (const [name, terms] of filters) {
    const position = await positionAt(client, terms, 0.9);
    const times: { first: number[]; deep: number[] } = { first: [], deep: [] };
    for (let n = 0; n < tries; n++) {
      times.first.push(await timed(() => searchOne(reader, terms, null, auditPageSize + 1)));
      times.deep.push(await timed(() => searchOne(reader, terms, position, auditPageSize + 1)));
    }
    const [first, deep] = [quantile(times.first, 0.5), quantile(times.deep, 0.5)];
    worst = Math.max(worst, deep / first);
    rows.push([name, round(first), round(deep), round(deep / first)]);
  }
  const columns = ["filter", "first ms", "deep ms", "ratio"];
  return { ratio: round(worst), table: { title: "Page at 90 % depth", columns, rows } };
}

async function positionAt(client: pg.Client, terms: readonly Term[], depth: number): Promise<Position> {
  const values = new Values();
  const where = conditions(values, terms);
  const from = `FROM caretaker.audit_logs ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}`;
  const { rows: counted } = await client.query<{ entries: string }>(`SELECT count(*) AS entries ${from}`, values.list);
  const place = Math.floor(Number(counted[0]?.entries ?? 0) * depth);
  const { rows } = await client.query<{ at: string; id: string }>(
    `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id::text AS id ${from}
      ORDER BY created_at DESC, audit_logs.id DESC OFFSET ${values.add(place)} LIMIT 1`,
    values.list,
  );
  const [row] = rows;
  if (!row) throw new Error("The log is empty.");
  return { ...row, shown: true };
}
