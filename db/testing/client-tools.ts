import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { machineBinaries } from "../local/binaries.ts";

/** Runs one of PostgreSQL's own tools, the newest of this machine. */
export async function clientTool(command: "pg_dump" | "pg_restore", ...args: string[]): Promise<void> {
  const [newest] = await machineBinaries();
  if (!newest) throw new Error("PostgreSQL's client tools are missing on this machine.");
  await promisify(execFile)(join(newest.directory, command), args);
}
