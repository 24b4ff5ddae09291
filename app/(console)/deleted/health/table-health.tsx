import { Status } from "#components/feedback/status.tsx";
import { Code } from "#components/ui/code.tsx";
import type { Finding, TableHealth } from "#db/records/health/contract.ts";

/** One table: its dead weight, then what is wrong, each with the statements that mend it. */
export function TableHealthView({ database, table }: { database: string; table: TableHealth }) {
  const { schema, table: name, column, rows, marked, findings, unknown } = table;
  return (
    <section aria-label={`${schema}.${name} of ${database}`} className="grid gap-2 border-line border-t pt-3">
      <h3 className="font-semibold">
        {schema === "public" ? "" : `${schema}.`}
        {name} <span className="font-normal text-muted">{weightText(rows, marked, column)}</span>
      </h3>
      {findings.length === 0 && unknown.length === 0 ? <Status kind="good">Nothing is wrong with it.</Status> : null}
      {findings.map((finding) => (
        <FindingView key={finding.message} finding={finding} />
      ))}
      {unknown.map((what) => (
        <Status key={what} kind="unknown">
          {what}
        </Status>
      ))}
    </section>
  );
}

function FindingView({ finding: { severity, message, statements } }: { finding: Finding }) {
  return (
    <div className="grid gap-1.5">
      {severity === "warning" ? <Status kind="warning">{message}</Status> : <p className="text-muted">{message}</p>}
      {statements.length === 0 ? null : <Code text={statements.map((sql) => `${sql};`).join("\n")} />}
    </div>
  );
}

function weightText(rows: number, marked: number | null, column: string): string {
  if (rows === 0 || marked === null) return `marks rows by ${column}; not analysed yet, so its dead weight is unknown`;
  const share = Math.round((marked / rows) * 100);
  const about = marked === 0 ? "none" : share === 0 ? "less than 1 %" : `about ${share} %`;
  return `${about} of ${rows.toLocaleString("en")} rows are marked by ${column}`;
}
