import { type BackupView, backupFilter, keepChange, runBackupInput } from "#db/backups/contract.ts";
import { planKeep, setKeep } from "#db/backups/keep.ts";
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
  usage: "[--database NAME] [--state running|good|failed|damaged|missing|expired] [--cursor CURSOR]",
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
        { title: "goes", value: (row) => row.expiredAt ?? row.expiresAt },
        { title: "file", value: (row) => row.file },
      ],
      page.rows,
    );
    return { json: page, text: `${shown}${moreLine(page.next)}` };
  },
};

const keep: Command = {
  name: "backup keep",
  usage: "DATABASE [--days N] [--plan HASH --reason TEXT]",
  summary: "Show what would go if backups were kept for N days, without --days for ever; with the plan's hash, set it",
  options: { days: { type: "string" }, plan: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const name = only(input, "a database");
    const databaseId = name === "console" ? name : await findDatabaseId(actor, name);
    const change = parse(keepChange, { databaseId, keepDays: text(input, "days") });
    const plan = await planKeep(actor, change);
    const planHash = text(input, "plan");
    if (planHash === undefined) {
      const going = plan.goes.map(({ id, startedAt }) => `${startedAt}  ${id}`);
      const held = plan.holds.length > 0 ? [`Held: ${plan.holds.join(", ")}`] : [];
      return { json: plan, text: [plan.subject, ...held, ...going, plan.hash].join("\n") };
    }
    const set = await setKeep(actor, { ...change, planHash, reason: text(input, "reason") });
    return { json: set, text: plan.subject };
  },
};

export const backupCommands: Command[] = [run, list, keep];
