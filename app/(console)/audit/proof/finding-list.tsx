import Link from "next/link";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { ProofStanding } from "#db/audit/proof/contract.ts";
import { findingWords } from "./words.ts";

/** What was found, each with the entry it is about. */
export function FindingList({
  databaseId,
  verification: { findings, findingCount },
}: {
  databaseId: string;
  verification: NonNullable<ProofStanding["verification"]>;
}) {
  return (
    <div className="grid gap-2">
      <Table label="What was tampered with">
        <Head columns={[{ label: "What" }, { label: "Entry" }, { label: "In words" }]} />
        <tbody>
          {findings.map(({ kind, entry, message }) => (
            <Row key={`${kind} ${entry ?? message}`}>
              <Cell narrow="title">{findingWords[kind]}</Cell>
              <Cell mono narrow="meta">
                {entry === null ? "–" : <Link href={`/audit/${databaseId}/${entry}`}>{entry}</Link>}
              </Cell>
              <Cell narrow="meta">{message}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {findingCount > findings.length ? (
        <p className="text-muted">
          The first {count(findings.length)} of {count(findingCount)}.
        </p>
      ) : null}
    </div>
  );
}
