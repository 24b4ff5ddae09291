import pg from "pg";
import type { Position } from "#db/audit/conditions.ts";
import type { AuditFilter } from "#db/audit/contract.ts";
import { auditPageSize, searchOne } from "#db/audit/search.ts";
import { installStatements } from "#db/managed/install.ts";
import { writeEntries } from "./audit-read/entries.ts";
import { questions } from "./audit-read/questions.ts";
import type { Bench, BenchTable } from "./bench.ts";

const sizes = { small: { entries: 50_000, each: 12 }, full: { entries: 1_000_000, each: 24 } };

const name = "bench_audit_read";

/**
 * The first page of the log for each filter by itself, and the page at 90 % of the depth against the first. Times are of the
 * page's own query on one connection, as the console sends it, round trip and parsing included.
 */
export const bench: Bench = async ({ server, size }) => {
  const { entries, each } = sizes[size];
  const admin = new pg.Client(server.href);
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    for (const { sql } of installStatements({ owner: await owner(client), createRoles: false }))
      await client.query(sql);
    await writeEntries(client, entries);
    const reader = await pool.connect();
    const first = await firstPages(client, reader, each);
    const deep = await deepPages(client, reader, each);
    reader.release();
    return {
      figures: {
        entries,
        first_page_p95_ms: round(Math.max(...first.worst)),
        deep_to_first_ratio: round(Math.max(...deep.ratios)),
      },
      tables: [first.table, deep.table],
    };
  } finally {
    await pool.end();
    await client.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
};

async function firstPages(
  client: pg.Client,
  reader: pg.PoolClient,
  each: number,
): Promise<{ worst: number[]; table: BenchTable }> {
  const asked = Map.groupBy(await questions(client, each), ({ name }) => name);
  const rows: (string | number)[][] = [];
  const worst: number[] = [];
  for (const [filter, of] of asked) {
    const times: number[] = [];
    for (const question of of) {
      times.push(await typical(reader, question.filter));
    }
    const p95 = quantile(times, 0.95);
    worst.push(p95);
    rows.push([filter, times.length, round(quantile(times, 0.5)), round(p95), round(Math.max(...times))]);
  }
  return { worst, table: { title: "First page", columns: ["filter", "asked", "median ms", "p95 ms", "max ms"], rows } };
}

/** Pages at 90 % of the depth of the whole log, and of what the commonest tenant, actor and table have. */
async function deepPages(
  client: pg.Client,
  reader: pg.PoolClient,
  each: number,
): Promise<{ ratios: number[]; table: BenchTable }> {
  const filters: [string, AuditFilter][] = [["no filter", {}]];
  for (const { name, filter } of await questions(client, 1)) {
    if (["tenant", "actor", "table"].includes(name) && !filters.some(([known]) => known === name))
      filters.push([name, filter]);
  }
  const rows: (string | number)[][] = [];
  const ratios: number[] = [];
  for (const [name, filter] of filters) {
    const position = await positionAt(client, filter, 0.9);
    const times: { first: number[]; deep: number[] } = { first: [], deep: [] };
    for (let n = 0; n < each * 4; n++) {
      times.first.push(await timed(reader, filter, null));
      times.deep.push(await timed(reader, filter, position));
    }
    const [first, deep] = [quantile(times.first, 0.5), quantile(times.deep, 0.5)];
    ratios.push(deep / first);
    rows.push([name, round(first), round(deep), round(deep / first)]);
  }
  return { ratios, table: { title: "Page at 90 % depth", columns: ["filter", "first ms", "deep ms", "ratio"], rows } };
}

async function positionAt(client: pg.Client, filter: AuditFilter, depth: number): Promise<Position> {
  const { rows } = await client.query<{ at: string; id: string }>(
    `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, id::text AS id
       FROM (SELECT created_at, audit_logs.id, row_number() OVER w AS place, count(*) OVER () AS entries
               FROM caretaker.audit_logs
              WHERE tenant_id = coalesce($1, tenant_id) AND coalesce(user_id, '') = coalesce($2, user_id, '')
                AND resource_type = coalesce($3, resource_type)
             WINDOW w AS (ORDER BY created_at DESC, audit_logs.id DESC)) AS placed
      WHERE place = floor(entries * $4::float8)`,
    [filter.tenant ?? null, filter.actor ?? null, filter.table ?? null, depth],
  );
  const [row] = rows;
  if (!row) throw new Error("The log is empty.");
  return { ...row, shown: true };
}

/** The median of three asks: what varies is the question, and not what else the machine does. */
async function typical(reader: pg.PoolClient, filter: AuditFilter): Promise<number> {
  const tries: number[] = [];
  for (let n = 0; n < 3; n++) tries.push(await timed(reader, filter, null));
  return quantile(tries, 0.5);
}

/** Milliseconds of one page. A filter by tenant stands for its key, as the console resolves it. */
async function timed(reader: pg.PoolClient, filter: AuditFilter, position: Position | null): Promise<number> {
  const { tenant, ...rest } = filter;
  const started = performance.now();
  await searchOne(reader, rest, { tenantKeys: tenant === undefined ? null : [tenant] }, position, auditPageSize + 1);
  return performance.now() - started;
}

async function owner(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  return rows[0]?.owner ?? "";
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
