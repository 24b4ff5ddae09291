import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { count, counted } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { PurgeRun } from "#db/records/retention/runs.ts";
import { runState } from "./words.ts";

const columns = [
  { label: "Run" },
  { label: "State", width: "w-32" },
  { label: "Rows", align: "end" as const, width: "w-28" },
  { label: "Held", align: "end" as const, width: "w-24" },
  { label: "Blocked", align: "end" as const, width: "w-24" },
  { label: "Where" },
];

/** What the runs removed, or in dry runs would have removed, newest first. */
export function RunList({ name, runs }: { name: string; runs: PurgeRun[] }) {
  if (runs.length === 0)
    return <p className="text-muted">There was no run yet. What has a policy is looked at every night at 04:11 UTC.</p>;
  return (
    <Table label={`Runs over ${name}`}>
      <Head columns={columns} />
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </tbody>
    </Table>
  );
}

function RunRow({ run }: { run: PurgeRun }) {
  const { kind, word } = runState(run);
  const sum = (of: "rows" | "held" | "blocked") => run.counts.reduce((total, one) => total + one[of], 0);
  const what = run.dry ? "Dry run" : "Purge";
  return (
    <Row>
      <Cell narrow="title">
        {run.jobId ? <Link href={`/jobs/${run.jobId}`}>{what}</Link> : what} <When at={run.startedAt} />
      </Cell>
      <Cell narrow="end">
        <Status kind={kind}>{word}</Status>
      </Cell>
      <Cell align="end">
        {count(sum("rows"))} <span className="text-faint sm:hidden">{run.dry ? "would go" : "went"}</span>
      </Cell>
      <Cell align="end" narrow="hidden">
        {count(sum("held"))}
      </Cell>
      <Cell align="end" narrow="hidden">
        {count(sum("blocked"))}
      </Cell>
      <Cell narrow="meta">{run.error ?? whereWords(run)}</Cell>
    </Row>
  );
}

/** "public.posts 10 in 6 tenants, public.users 2". */
function whereWords({ counts }: PurgeRun): string {
  return [...Map.groupBy(counts, ({ table }) => table)]
    .map(([table, of]) => {
      const tenants = of.filter(({ tenant, rows }) => tenant !== null && rows > 0).length;
      const rows = of.reduce((sum, one) => sum + one.rows, 0);
      return `${table} ${count(rows)}${tenants === 0 ? "" : ` in ${counted(tenants, "tenant")}`}`;
    })
    .join(", ");
}
