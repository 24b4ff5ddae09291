import { listAdvice, simulateAdvice } from "#db/tenants/advice/list.ts";
import { exportInput, leaveInput, removeFileInput, type TenantPaper } from "#db/tenants/leave/contract.ts";
import { exportTenant } from "#db/tenants/leave/export.ts";
import { listPapers } from "#db/tenants/leave/papers.ts";
import { leaveTenant, planLeave } from "#db/tenants/leave/plan.ts";
import { removeFile } from "#db/tenants/leave/remove-file.ts";
import { type Command, flag, only, parse, text } from "../command.ts";
import { findDatabaseId, findTenantId, pick } from "../find.ts";
import { table } from "../table.ts";
import { bytes } from "../words.ts";

const advice: Command = {
  name: "tenants advice",
  usage: "[--database NAME] [--simulate]",
  summary: "Tenants that should live in another tier, and what moving them would give",
  options: { database: { type: "string" }, simulate: { type: "boolean" } },
  async run(actor, input) {
    const name = text(input, "database");
    const { rows, total, due } = await listAdvice(actor, {
      database: name === undefined ? undefined : await findDatabaseId(actor, name),
    });
    const simulation = flag(input, "simulate")
      ? await simulateAdvice(actor, { tenants: rows.map(({ tenantId }) => tenantId) })
      : null;
    const list = table(
      [
        { title: "tenant", value: (row) => row.name },
        { title: "move", value: (row) => `${row.from} to ${row.to}` },
        { title: "due", value: (row) => (row.due ? "yes" : "not yet") },
        { title: "size", value: (row) => bytes(row.sizeBytes), end: true },
        { title: "reason", value: (row) => row.reason },
      ],
      rows,
    );
    const told = (simulation?.databases ?? []).map(
      (one) =>
        `The shared tables of ${one.name} would shrink by ${Math.round(one.shrinks * 100)} %; ${one.tablesAfter} tables after.`,
    );
    const mute = (simulation?.silent ?? []).map(({ name, reason }) => `${name} did not answer: ${reason}`);
    const cut = rows.length < total ? [`The first ${rows.length} of ${total}, of which ${due} are due.`] : [];
    return {
      json: { total, due, rows, simulation },
      text: [rows.length > 0 ? list : "Every tenant lives right.", ...cut, ...told, ...mute].join("\n"),
    };
  },
};

const exporting: Command = {
  name: "tenants export",
  usage: "TENANT [--format ndjson|dump]",
  summary: "Write everything of one tenant to a file: one line of JSON a row, or SQL that psql restores",
  options: { format: { type: "string" } },
  async run(actor, input) {
    const tenantId = await findTenantId(actor, only(input, "a tenant"));
    const queued = await exportTenant(actor, parse(exportInput, { tenantId, format: text(input, "format") }));
    return { json: queued, text: `Queued as job ${queued.jobId}.` };
  },
};

/** Without the plan's hash the plan is shown; with it, it is done. Deleting takes a second person, and so the console. */
const archive: Command = {
  name: "tenants archive",
  usage: "TENANT [--plan HASH --typed NAME --reason TEXT]",
  summary: "Write a tenant to a proven archive, then remove its rows",
  options: { plan: { type: "string" }, typed: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const tenantId = await findTenantId(actor, only(input, "a tenant"));
    const how = "archive" as const;
    const planHash = text(input, "plan");
    if (planHash === undefined) {
      const plan = await planLeave(actor, { tenantId, how });
      const problems = plan.problems.map(({ severity, subject, message }) => `${severity}: ${subject}: ${message}`);
      const tables = plan.tables.map(({ name, rows }) => `${name}: ${rows} rows`);
      return { json: plan, text: [...problems, ...tables, `Plan ${plan.hash}`].join("\n") };
    }
    const asked = { tenantId, how, planHash, typed: text(input, "typed"), reason: text(input, "reason") };
    const queued = await leaveTenant(actor, parse(leaveInput, asked));
    return { json: queued, text: `Queued as job ${queued.jobId}.` };
  },
};

/** Without a file's id the files are listed; with it, that one is removed. */
const files: Command = {
  name: "tenants files",
  usage: "TENANT [--remove ID --typed NAME --reason TEXT]",
  summary: "List a tenant's exports, archives and certificates, or remove an export or an archive for good",
  options: { remove: { type: "string" }, typed: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const tenantId = await findTenantId(actor, only(input, "a tenant"));
    const papers = await listPapers(actor, tenantId);
    const named = text(input, "remove");
    if (named === undefined) return { json: papers, text: paperTable(papers) };
    const id = pick("file", named, papers, (paper) => [paper.id]);
    const asked = { id, typed: text(input, "typed"), reason: text(input, "reason") };
    const removed = await removeFile(actor, parse(removeFileInput, asked));
    return { json: removed, text: "Removed." };
  },
};

function paperTable(papers: readonly TenantPaper[]): string {
  if (papers.length === 0) return "No file yet.";
  return table(
    [
      { title: "what", value: (row: TenantPaper) => row.kind },
      { title: "size", value: (row) => (row.bytes === null ? "" : bytes(row.bytes)), end: true },
      { title: "made", value: (row) => row.madeAt },
      { title: "by", value: (row) => row.madeBy },
      { title: "id", value: (row) => row.id },
    ],
    papers,
  );
}

export const tenantLifeCommands: Command[] = [advice, exporting, archive, files];
