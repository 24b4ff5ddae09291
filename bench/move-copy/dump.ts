import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "#db/backups/tool-process.ts";
import { toolsFor } from "#db/backups/tools.ts";
import { connectionFor } from "#db/fleet.ts";
import { freshDatabase } from "#db/testing/databases.ts";

export interface Dumped {
  dump_s: number;
  restore_s: number;
  /** The database that was restored. */
  url: string;
}

/** pg_dump -Fd -j2 of a database, and pg_restore -j2 of that into a new one on the same server. */
export async function dumpAndRestore(databaseId: string, serverVersion: string): Promise<Dumped> {
  const connection = await connectionFor(databaseId);
  const tools = await toolsFor(serverVersion);
  const { signal } = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "caretaker-bench-dump-"));
  const run = (tool: "pg_dump" | "pg_restore", database: string, args: string[]) =>
    runTool({ tools, tool, args, connection: { ...connection, database }, signal }, async (output) => {
      output.resume();
    });
  try {
    const begun = performance.now();
    await run("pg_dump", connection.database, ["-Fd", "-j2", "--no-password", `--file=${join(folder, "dump")}`]);
    const dumped = performance.now();
    const url = await freshDatabase();
    const database = new URL(url).pathname.slice(1);
    await run("pg_restore", database, ["-j2", "--no-password", `--dbname=${database}`, join(folder, "dump")]);
    return { dump_s: seconds(dumped - begun), restore_s: seconds(performance.now() - dumped), url };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}
