import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { DatabaseConnection } from "../fleet.ts";
import { backupFolder, newFileName, partOf } from "./folder.ts";
import { runTool } from "./tool-process.ts";
import type { Tools } from "./tools.ts";

export interface DumpProgress {
  bytes: number;
  /** Tables whose rows are written or being written. */
  tables: number;
  /** The newest of them. */
  table: string | null;
}

export interface Dumped {
  file: string;
  bytes: number;
  sha256: string;
  tables: number;
}

// A connection that a firewall forgot or whose server is gone ends within a minute or two. The database is PGDATABASE.
const liveness = "keepalives_idle=30 keepalives_interval=10 keepalives_count=3 tcp_user_timeout=60000";

/**
 * Dumps a database in pg_dump's custom format. The file is whole and on disk then, and still called a part: `nameDump` names it
 * once a receipt does, so that no whole file is there that nothing knows of. Its checksum is taken of the bytes that pg_dump
 * wrote, on their way.
 */
export async function dump(
  connection: DatabaseConnection,
  tools: Tools,
  signal: AbortSignal,
  onProgress: (progress: DumpProgress) => Promise<void>,
): Promise<Dumped> {
  const folder = await backupFolder();
  const file = newFileName(connection.database, new Date());
  const part = partOf(file);
  const progress: DumpProgress = { bytes: 0, tables: 0, table: null };
  const onLine = (line: string) => {
    const table = /dumping contents of table "(.+)"$/.exec(line)?.[1];
    if (!table) return;
    progress.tables += 1;
    progress.table = table;
  };
  const handle = await open(join(folder, part), "wx", 0o600);
  try {
    const args = ["--format=custom", "--verbose", "--no-password", "--lock-wait-timeout=60s", `--dbname=${liveness}`];
    const sha256 = await runTool({ tools, tool: "pg_dump", args, connection, signal, onLine }, (output) =>
      write(output, handle, async (written) => {
        progress.bytes = written;
        await onProgress(progress);
      }),
    );
    await handle.sync();
    await handle.close();
    return { file, bytes: progress.bytes, sha256, tables: progress.tables };
  } catch (error) {
    await handle.close();
    await rm(join(folder, part), { force: true });
    throw error;
  }
}

/** Writes a stream to a file and answers its SHA-256 in hex. */
export async function write(
  output: Readable,
  handle: Awaited<ReturnType<typeof open>>,
  onWritten: (bytes: number) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of output) {
    hash.update(chunk);
    for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
    bytes += chunk.length;
    await onWritten(bytes);
  }
  return hash.digest("hex");
}
