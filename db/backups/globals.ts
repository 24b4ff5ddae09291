import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseConnection } from "../fleet.ts";
import { write } from "./dump.ts";
import { backupFolder, globalsOf, partOf, settle } from "./folder.ts";
import { runTool, ToolFailure } from "./tool-process.ts";
import type { Tools } from "./tools.ts";

/** A type and not an interface, so that it is a receipt. */
export type Globals = { file: string; note: null } | { file: null; note: string };

/**
 * Writes the server's roles and tablespaces beside a dump, which does not hold them. Passwords stay out: reading them
 * takes a superuser. Where even the rest may not be read, the dump is good all the same and the note says what is missing.
 */
export async function dumpGlobals(
  connection: DatabaseConnection,
  tools: Tools,
  dumpFile: string,
  signal: AbortSignal,
): Promise<Globals> {
  const folder = await backupFolder();
  const file = globalsOf(dumpFile);
  const part = partOf(file);
  const handle = await open(join(folder, part), "w", 0o600);
  try {
    // Not PGDATABASE: pg_dumpall connects to "postgres" unless told otherwise, which the user need not be allowed to.
    const args = [
      "--globals-only",
      "--no-role-passwords",
      "--no-password",
      `--database=${quoted(connection.database)}`,
    ];
    await runTool({ tools, tool: "pg_dumpall", args, connection, signal }, (output) =>
      write(output, handle, async () => {}),
    );
    await handle.close();
    await settle(folder, part, file);
    return { file, note: null };
  } catch (error) {
    await handle.close();
    await rm(join(folder, part), { force: true });
    if (!(error instanceof ToolFailure)) throw error;
    return { file: null, note: `The roles could not be read: ${error.lines.at(-1) ?? error.message}` };
  }
}

/** pg_dumpall reads --database as a name only when it does not look like a connection string. */
function quoted(database: string): string {
  return /[=:/]/.test(database) ? `dbname='${database.replaceAll(/['\\]/g, "\\$&")}'` : database;
}
