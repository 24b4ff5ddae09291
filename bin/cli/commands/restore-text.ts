import type { PlannedTable, RestorePlan } from "#db/records/restore/contract.ts";
import { facts, table } from "../table.ts";

/** A plan as people read it in a terminal: what it comes to, its problems with their kinds, its tables, its hash. */
export function restorePlanText(plan: RestorePlan): string {
  const { subject, databaseName, status, writes, chunks, problems, tables, notes, approval, hash, look } = plan;
  const head = facts([
    ["plan", `${plan.what} of ${subject} in ${databaseName}`],
    ["status", status],
    ["rows", `${writes}${chunks === 1 ? "" : `, in ${chunks} transactions`}`],
    ...notes.map((note): [string, string] => ["note", note]),
    ...(approval === null ? [] : [["approval", approval] as [string, string]]),
    ["hash", hash],
  ]);
  const said = problems.map(({ key, open, rows, message, offers, examples }) => {
    const first = examples.slice(0, 3).map(({ row, message: words, proposed }) => {
      return `    ${row}: ${words}${proposed === null ? "" : ` A free value: ${proposed}.`}`;
    });
    const choices = offers.length === 0 ? "" : `\n  choices: ${offers.join(", ")}`;
    return `${open > 0 ? "problem" : "settled"} ${key} (${open > 0 ? `${open} of ` : ""}${rows} rows): ${message}${choices}\n${first.join("\n")}`;
  });
  const listed = table(
    [
      { title: "table", value: (row: PlannedTable) => `${row.schema}.${row.name}` },
      { title: "written", value: (row) => String(row.writes) },
      { title: "pointing again", value: (row) => String(row.links) },
      { title: "to decide", value: (row) => String(row.open) },
      { title: "live", value: (row) => String(row.live) },
      { title: "skipped", value: (row) => String(row.skipped) },
    ],
    tables,
  );
  const rows = look.rows.map(({ row, record, label, status }) => `${row}  ${record ?? "-"}  ${label ?? ""}  ${status}`);
  return [head, ...said, listed, rows.join("\n")].filter(Boolean).join("\n\n");
}
