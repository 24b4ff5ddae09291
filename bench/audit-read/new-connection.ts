import pg from "pg";
import type { Term } from "#db/audit/contract.ts";
import { auditPageSize, searchOne } from "#db/audit/search.ts";
import type { BenchTable } from "../bench.ts";
import type { Question } from "./questions.ts";
import { quantile, round, timed } from "./time.ts";

/** As the console reads: see withDatabase. */
export const asTheConsole = "SET jit = off";

/** The first and the last question of each kind, mostly the commonest and the rarest value, each as the first on a connection of its own. */
export async function onNewConnections(
  url: URL,
  questions: readonly Question[],
): Promise<{ worst: number; table: BenchTable }> {
  const rows: [string, number, number][] = [];
  for (const [name, of] of Map.groupBy(questions, (question) => question.name)) {
    rows.push([name, await firstTime(url, of[0]?.terms ?? []), await firstTime(url, of.at(-1)?.terms ?? [])]);
  }
  return {
    worst: Math.max(...rows.flatMap(([, first, last]) => [first, last])),
    table: { title: "First page on a new connection", columns: ["question", "first ms", "last ms"], rows },
  };
}

/** The median of three connections. */
async function firstTime(url: URL, terms: readonly Term[]): Promise<number> {
  const tries: number[] = [];
  for (let n = 0; n < 3; n++) {
    const pool = new pg.Pool({ connectionString: url.href, max: 1 });
    const reader = await pool.connect();
    await reader.query(asTheConsole);
    tries.push(await timed(() => searchOne(reader, terms, null, auditPageSize + 1)));
    reader.release();
    await pool.end();
  }
  return round(quantile(tries, 0.5));
}
