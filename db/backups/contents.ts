import { join } from "node:path";
import { backupFolder } from "./folder.ts";
import { runTool } from "./tool-process.ts";
import type { Tools } from "./tools.ts";

/** What a dump's table of contents lists. */
export interface Contents {
  objects: number;
  /** Tables whose rows are in it. */
  tables: number;
}

/** Reads a dump's table of contents with pg_restore, which fails when the file is not a whole archive. */
export async function readContents(tools: Tools, file: string, signal: AbortSignal): Promise<Contents> {
  const args = ["--list", join(await backupFolder(), file)];
  return runTool({ tools, tool: "pg_restore", args, signal }, async (output) => {
    const text = (await output.setEncoding("utf8").toArray()).join("");
    const entries = text.split("\n").filter((line) => /^\d+;/.test(line));
    return { objects: entries.length, tables: entries.filter((line) => / TABLE DATA /.test(line)).length };
  });
}
