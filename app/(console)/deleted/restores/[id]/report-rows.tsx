import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { recordWords } from "#db/audit/sentence.ts";
import type { RestoredRow, RestoreReport } from "#db/records/restore/contract.ts";
import { recordHref } from "../../../audit/addresses.ts";
import { originWords } from "../../restore/words.ts";

const counts = [
  { of: "written", label: "Rows" },
  { of: "exact", label: "Exact" },
  { of: "chosen", label: "By choice" },
  { of: "differing", label: "By triggers" },
  { of: "undone", label: "Undone" },
] as const;

export function ReportTables({ tables }: Pick<RestoreReport, "tables">) {
  return (
    <Table label="What was written by table">
      <Head columns={[{ label: "Table" }, ...counts.map(({ label }) => ({ label, align: "end" as const }))]} />
      <tbody>
        {tables.map((table) => (
          <Row key={`${table.schema}.${table.name}`}>
            <Cell mono narrow="title">
              {table.schema}.{table.name}
            </Cell>
            {counts.map(({ of, label }) => (
              <Cell key={of} align="end" narrow={table[of] === 0 ? "hidden" : "meta"}>
                {table[of] === 0 ? <span className="text-faint">0</span> : table[of]}
                <span className="sm:hidden"> {of === "written" && table[of] === 1 ? "row" : label.toLowerCase()}</span>
              </Cell>
            ))}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

export function ReportRows({ report }: { report: RestoreReport }) {
  return (
    <Table label="Rows with their proofs">
      <Head
        columns={[
          { label: "Row" },
          { label: "As it was", width: "w-44" },
          { label: "As it stands", width: "w-44" },
          { label: "Proof", width: "w-96" },
        ]}
      />
      <tbody>
        {report.rows.map((row) => (
          <Row key={row.n}>
            <Cell narrow="title">
              <Named report={report} row={row} /> <span className="text-faint">{originWords[row.origin]}</span>
            </Cell>
            <Cell narrow="hidden">
              {row.before === null ? null : <Copy text={row.before} keep={14} what="hash before" />}
            </Cell>
            <Cell narrow="hidden">
              {row.after === null ? null : <Copy text={row.after} keep={14} what="hash after" />}
            </Cell>
            <Cell>
              <Proof row={row} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function Named({ report, row }: { report: RestoreReport; row: RestoredRow }) {
  const named = `${row.table} ${row.record === null ? "without a key" : recordWords(row.record)}`;
  const href = recordHref({ database: report.database, ...row });
  return href === null ? named : <Link href={href}>{named}</Link>;
}

function Proof({ row: { act, doneAt, changed, differing, origin, undoneAt } }: { row: RestoredRow }) {
  if (doneAt === null) return <Status kind="unknown">not written</Status>;
  const after = undoneAt === null ? "" : "; taken back since";
  if (act === "delete") return <Status kind="good">taken out{after}</Status>;
  if (differing.length > 0)
    return (
      <Status kind="warning">
        changed by the application's triggers: {differing.join(", ")}
        {after}
      </Status>
    );
  if (origin === "yields")
    return (
      <Status kind="neutral">
        gave way: {changed.join(", ")}
        {after}
      </Status>
    );
  if (changed.length > 0)
    return (
      <Status kind="good">
        equal but for what was chosen: {changed.join(", ")}
        {after}
      </Status>
    );
  return <Status kind="good">equal{after}</Status>;
}
