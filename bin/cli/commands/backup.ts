import { type BackupView, backupFilter, runBackupInput } from "#db/backups/contract.ts";
import { listBackups } from "#db/backups/read.ts";
import { runBackup } from "#db/backups/run.ts";
import { type Command, flag, only, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { moreLine, table } from "../table.ts";
import { waitForJob } from "../wait.ts";
import { bytes } from "../words.ts";

const run: Command = {
  name: "backup run",
  usage: "DATABASE [--no-wait]",
  summary: "Have a worker dump a database now",
  options: { "no-wait": { type: "boolean" } },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "a database"));
    const { jobId } = await runBackup(actor, parse(runBackupInput, { databaseId }));
    if (flag(input, "no-wait")) return { json: { jobId }, text: `Queued as job ${jobId}.` };
    const { state, result } = await waitForJob(actor, jobId);
    return { json: { jobId, state, result }, text: "Backed up." };
  },
};

const list: Command = {
  name: "backup list",
  usage: "[--database NAME] [--state running|good|failed|damaged|missing] [--cursor CURSOR]",
  summary: "List backups, newest first",
  options: { database: { type: "string" }, state: { type: "string" }, cursor: { type: "string" } },
  async run(actor, input) {
    const database = text(input, "database");
    const filter = parse(backupFilter, {
      ...input.options,
      database: database === undefined || database === "console" ? database : await findDatabaseId(actor, database),
    });
    const page = await listBackups(actor, filter);
    const shown = table(
      [
        { title: "started", value: (row: BackupView) => row.startedAt },
        { title: "database", value: (row) => row.databaseName },
        { title: "state", value: (row) => row.state },
        { title: "size", value: (row) => bytes(row.bytes), end: true },
        { title: "verified", value: (row) => row.verifiedAt },
        { title: "file", value: (row) => row.file },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${moreLine(page.next)}` };
  },
};

export const backupCommands: Command[] = [run, list];
