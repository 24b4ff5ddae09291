"use client";
import { useState } from "react";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { checkIsolation } from "../../actions.ts";

type Report = Extract<Awaited<ReturnType<typeof checkIsolation>>, { ok: true }>["data"];
type Verdict = Report["tables"][number];

const looks: Record<Verdict["verdict"], { kind: StatusKind; word: string }> = {
  proven: { kind: "good", word: "kept apart" },
  leaks: { kind: "critical", word: "leaks" },
  unproven: { kind: "unknown", word: "not proven" },
  unprotected: { kind: "neutral", word: "no row security" },
};

export function IsolationCheck({ databaseId }: { databaseId: string }) {
  const [report, setReport] = useState<Report | null>(null);
  return (
    <div className="grid gap-4">
      <div>
        <ActionButton look="primary" action={checkIsolation} input={{ databaseId }} onDone={setReport}>
          Check isolation
        </ActionButton>
      </div>
      <div aria-live="polite">{report === null ? <NotYet /> : <Result report={report} />}</div>
    </div>
  );
}

function NotYet() {
  return (
    <EmptyState title="Not checked yet">
      Each table with row security is tried with two of its tenants: to read, count, change and remove the other's rows,
      to plant a row for the other, and to read without naming a tenant.
    </EmptyState>
  );
}

function Result({ report }: { report: Report }) {
  const order = ["leaks", "unproven", "proven", "unprotected"];
  const sorted = [...report.tables].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return (
    <div className="grid gap-3">
      <p>
        {report.leaking > 0 ? (
          <Status kind="critical">{counted(report.leaking, "table")} let one tenant reach another.</Status>
        ) : (
          <Status kind={report.proven > 0 ? "good" : "unknown"}>
            {counted(report.proven, "table")} proven to keep tenants apart.
          </Status>
        )}{" "}
        <span className="text-muted">
          As <code>{report.role}</code>, <When at={report.checkedAt} />.
        </span>
      </p>
      <Table label="Isolation by table">
        <Head columns={[{ label: "Table" }, { label: "Verdict" }, { label: "Evidence" }]} />
        <tbody>
          {sorted.map((table) => (
            <VerdictRow key={`${table.schema} ${table.name}`} table={table} />
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function VerdictRow({ table }: { table: Verdict }) {
  const look = looks[table.verdict];
  return (
    <Row>
      <Cell mono narrow="title">
        {table.schema}.{table.name}
      </Cell>
      <Cell narrow="end">
        <Status kind={look.kind}>{look.word}</Status>
      </Cell>
      <Cell narrow="meta">
        {table.attempts.length === 0 ? (
          table.detail
        ) : (
          <details>
            <summary>{table.detail}</summary>
            <ul className="text-muted">
              {table.attempts.map((attempt) => (
                <li key={attempt.what}>
                  {attempt.what}: {attempt.detail}
                </li>
              ))}
            </ul>
          </details>
        )}
      </Cell>
    </Row>
  );
}
