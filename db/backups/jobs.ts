import { z } from "zod";
import { Refusal } from "../errors.ts";
import { connectionFor, withDatabase } from "../fleet.ts";
import type { JobKind, RunningJob } from "../jobs/kind.ts";
import { checksumOf } from "./checksum.ts";
import { readContents } from "./contents.ts";
import { runBackupInput } from "./contract.ts";
import { dump } from "./dump.ts";
import { nameDump } from "./folder.ts";
import { dumpGlobals } from "./globals.ts";
import { named } from "./obstacles.ts";
import { closeRecord, markVerified, openRecord, recordOf, type Verdict } from "./record.ts";
import { serverVersion } from "./run.ts";
import { dumpStep, sweep } from "./sweep.ts";
import { type Tools, toolsFor } from "./tools.ts";

/** Dumps one database. A killed attempt leaves no file under its own name that no receipt names; the next one starts a new file. */
const run: JobKind = {
  kind: "backups.run",
  async run(job) {
    const { databaseId } = runBackupInput.parse(job.input);
    const connection = await connectionFor(databaseId);
    await job.stepInControl("Record the attempt", (_tx, client) =>
      openRecord(client, { id: job.id, databaseId, databaseName: connection.database }),
    );
    const server = await serverVersion(databaseId);
    const tools = await toolsFor(server);
    const total = await countTables(databaseId);
    const written = await job.step(dumpStep, async () => {
      const show = progressOf(job, total);
      try {
        return { ...(await dump(connection, tools, job.signal, show)) };
      } catch (error) {
        throw named(error, connection);
      }
    });
    await job.step("Name the file", async () => {
      await nameDump(written.file);
      return {};
    });
    const globals = await job.step("Roles", () => dumpGlobals(connection, tools, written.file, job.signal));
    const contents = await job.step("Read back", () => readBack(tools, written, job.signal));
    await job.stepInControl("Record the backup", (_tx, client) =>
      closeRecord(client, job.id, {
        ...written,
        ...contents,
        globalsFile: globals.file,
        globalsNote: globals.note,
        toolVersion: tools.version,
        serverVersion: server,
      }),
    );
    return { backupId: job.id, file: written.file, bytes: written.bytes, sha256: written.sha256 };
  },
};

/** Reads a backup's file again and compares it with what was written. */
const verify: JobKind = {
  kind: "backups.verify",
  async run(job) {
    const { backupId } = z.object({ backupId: z.uuid() }).parse(job.input);
    const backup = await recordOf(backupId);
    const total = Number(backup.bytes);
    const { verdict } = await job.step("Read and compare", async () => {
      const found = await checksumOf(backup.file, job.signal, (done) =>
        job.progress({ done, total, unit: "bytes", line: `Reading ${backup.file}` }),
      );
      return { verdict: verdictOf(found, backup) };
    });
    await job.stepInControl("Record the verdict", (_tx, client) => markVerified(client, backupId, verdict));
    if (verdict === "good") return { backupId, verdict };
    throw new Refusal(
      "conflict",
      verdict === "missing" ? `The file ${backup.file} is gone.` : `The file ${backup.file} is not what was written.`,
      { fix: "Run a new backup, and find out what touched the file." },
    );
  },
};

/** Ends the records of attempts that came to nothing, and removes their files. */
export const sweepBackups: JobKind = {
  kind: "backups.sweep",
  run: async (job) => ({ ...(await sweep(job.actor)) }),
};

export const backupJobs: JobKind[] = [run, verify];

function verdictOf(found: { sha256: string; bytes: number } | null, backup: { sha256: string | null }): Verdict {
  if (!found) return "missing";
  return found.sha256 === backup.sha256 ? "good" : "damaged";
}

function progressOf(job: RunningJob, total: number) {
  return ({ bytes, tables, table }: { bytes: number; tables: number; table: string | null }) =>
    job.progress({
      done: bytes,
      total: null,
      unit: "bytes",
      line: table ? `Table ${tables} of about ${total}: ${table}` : "Reading the schema",
    });
}

/** pg_dump's exit code is not enough: what it said it wrote must be in the file's own table of contents. */
async function readBack(tools: Tools, written: { file: string; tables: number }, signal: AbortSignal) {
  const contents = await readContents(tools, written.file, signal);
  if (contents.tables === written.tables) return { ...contents };
  throw new Error(`pg_dump wrote ${written.tables} tables, and the file lists ${contents.tables}.`);
}

function countTables(databaseId: string): Promise<number> {
  return withDatabase(databaseId, async (client) => {
    const { rows } = await client.query<{ count: string }>(
      `SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
    );
    return Number(rows[0]?.count ?? 0);
  });
}
