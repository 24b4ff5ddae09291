import { join } from "node:path";
import type pg from "pg";
import { consoleDatabase } from "../../fleet.ts";
import { withConnection } from "../archive/connection.ts";
import { copyIn } from "../archive/content.ts";
import { toCsv } from "../archive/parquet.ts";
import { withScratch } from "../archive/scratch.ts";
import { withDuck } from "./duck.ts";

/**
 * Lays an archived month's file into the temporary table `pg_temp.audit_logs` of the control database, so that the same PostgreSQL
 * prints it by the same statement as if it had never left.
 */
export function withLaidOut<T>(
  parquet: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withScratch(async (folder) => {
    const csv = join(folder, "month.csv");
    await withDuck({ memory: "256MB", threads: 1, signal, folder }, (duck) => toCsv(duck, parquet, csv));
    return withConnection(consoleDatabase, signal, async (client) => {
      await client.query("CREATE TEMPORARY TABLE audit_logs (LIKE caretaker.audit_logs INCLUDING DEFAULTS)");
      await copyIn(client, "pg_temp.audit_logs", csv);
      return work(client);
    });
  });
}
