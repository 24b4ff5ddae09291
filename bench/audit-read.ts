import pg from "pg";
import { historyRows } from "#db/audit/record-history.ts";
import { auditPageSize, searchOne } from "#db/audit/search.ts";
import { findDeletions } from "#db/audit/who-deleted-find.ts";
import { deletionsInLog } from "#db/audit/who-deleted-log.ts";
import { installStatements } from "#db/managed/install.ts";
import { deepPages } from "./audit-read/deep.ts";
import { stageEntries, writeEntries } from "./audit-read/entries.ts";
import { asTheConsole, onNewConnections } from "./audit-read/new-connection.ts";
import { type Question, questions, sample, scans } from "./audit-read/questions.ts";
import { type Ask, round, timed, timeKinds } from "./audit-read/time.ts";
import type { Bench, BenchTable } from "./bench.ts";

const sizes = {
  small: { entries: 50_000, months: 13, each: 12 },
  full: { entries: 10_000_000, months: 84, each: 24 },
};

const staged = 5_000;

const name = "bench_audit_read";

/**
 * The first page of the log for each filter that an index serves, the page at 90 % of the depth against the first, one record's
 * history, and who deleted what, beside entries that are staged. The first question on a new connection, which has the server read its catalog, stands beside them. Times are of the questions themselves on one connection, as the console sends them, round
 * trip and parsing included.
 */
export const bench: Bench = async ({ server, size }) => {
  const { entries, months, each } = sizes[size];
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
    const writing = await timed(() => writeEntries(client, entries, months));
    await stageEntries(client, staged);
    console.error(`${entries} entries written in ${Math.round(writing / 1000)} s`);
    const asked = await questions(client, each);
    console.error(`asking ${asked.length} questions`);
    const reader = await pool.connect();
    await reader.query(asTheConsole);
    const first = await timeKinds("First page", firstPages(reader, asked));
    const fresh = await onNewConnections(url, asked);
    const deep = await deepPages(client, reader, asked, each * 4);
    const history = await timeKinds("History of one record", await histories(client, reader, each));
    const gone = await sample(client, each, "delete");
    const byId = await timeKinds(
      "Who deleted this, by id",
      whoDeleted(
        reader,
        gone.map(({ record }) => record),
      ),
    );
    const byName = await timeKinds(
      "Who deleted this, by e-mail or name",
      whoDeleted(reader, await names(client, each)),
    );
    const scanned = await scanTimes(reader);
    reader.release();
    return {
      figures: {
        entries,
        entries_staged: staged,
        months,
        written_s: round(writing / 1000),
        first_page_p95_ms: first.worst,
        new_connection_ms_max: fresh.worst,
        deep_to_first_ratio: deep.ratio,
        record_history_p95_ms: history.worst,
        who_deleted_by_id_p95_ms: byId.worst,
        who_deleted_by_name_p95_ms: byName.worst,
      },
      tables: [first.table, fresh.table, deep.table, history.table, byId.table, byName.table, scanned],
    };
  } finally {
    await pool.end();
    await client.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
};

function firstPages(reader: pg.PoolClient, asked: readonly Question[]): Ask[] {
  return asked.map(({ name, terms }) => ({
    kind: name,
    run: () => searchOne(reader, terms, null, auditPageSize + 1),
  }));
}

async function histories(client: pg.Client, reader: pg.PoolClient, each: number): Promise<Ask[]> {
  const sampled = await sample(client, each);
  return sampled.map(({ table, record }) => ({
    kind: "by its key",
    run: () => historyRows(reader, { schema: "public", table, record }, null, auditPageSize + 1),
  }));
}

function whoDeleted(reader: pg.PoolClient, texts: readonly string[]): Ask[] {
  return texts.map((text) => ({
    kind: text.includes("@") ? "e-mail" : text.includes(" ") ? "name" : "id",
    run: () => findDeletions(deletionsInLog(reader, { text, tenantKeys: null, softColumns: [] }, 20), text),
  }));
}

/** E-mails and names of rows that are gone, and of nobody. */
async function names(client: pg.Client, each: number): Promise<string[]> {
  const { rows } = await client.query<{ email: string; name: string }>(
    `SELECT old_values ->> 'email' AS email, old_values ->> 'name' AS name
       FROM caretaker.audit_logs TABLESAMPLE BERNOULLI (1) REPEATABLE (3) WHERE action = 'delete' LIMIT $1`,
    [each],
  );
  return [...rows.flatMap(({ email, name }) => [email, name]), "nobody@example.com", "Nobody Whatever"];
}

/** What no index serves, once each: how long it takes, or that it was refused or given up. The guard's limits hold in a transaction. */
async function scanTimes(reader: pg.PoolClient): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  for (const { name, terms } of scans) {
    let answer = "answered";
    await reader.query("BEGIN READ ONLY");
    const took = await timed(async () => {
      try {
        await searchOne(reader, terms, null, auditPageSize + 1);
      } catch (error) {
        answer = error instanceof Error ? error.message : String(error);
      }
    });
    await reader.query("ROLLBACK");
    rows.push([name, round(took), answer]);
  }
  return { title: "What no index serves", columns: ["filter", "ms", "answer"], rows };
}

async function owner(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ owner: string }>("SELECT current_user AS owner");
  return rows[0]?.owner ?? "";
}
