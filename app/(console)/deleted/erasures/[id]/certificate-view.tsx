import { Status } from "#components/feedback/status.tsx";
import { Facts } from "#components/page/facts.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { Certificate } from "#db/records/erasure/certificate.ts";
import { outcomeOf } from "#db/records/erasure/contract.ts";
import { kindWords, outcomeKinds, outcomeWords } from "../words.ts";
import { Backups, Papers, Unreached } from "./plan-screen.tsx";

/** What the signed certificate says, for people and for paper. */
export function CertificateView({ certificate }: { certificate: Certificate }) {
  const { rows, entries, exports, held, items, backups, papers = [], notReached, check } = certificate;
  return (
    <>
      <Facts
        items={[
          { label: "Rows redacted", value: rows.redacted },
          { label: "Rows deleted", value: rows.deleted },
          { label: "Log entries erased", value: entries },
          { label: "Exports removed", value: exports },
          { label: "Rows under a legal hold", value: held },
          {
            label: "Search after it",
            value: <Status kind={outcomeKinds[outcomeOf(check)]}>found {outcomeWords(check)}</Status>,
          },
        ]}
      />
      <Section title="Scope and method">
        <Table label="Scope and method">
          <Head
            columns={[
              { label: "Where" },
              { label: "Sort", width: "w-36" },
              { label: "Count", align: "end", width: "w-20" },
              { label: "Method", width: "w-96" },
            ]}
          />
          <tbody>
            {items.map(({ where, how, kind, count, method, columns, why, held: kept, beyond = 0, beyondDone }) => (
              <Row key={`${kind} ${where} ${how}`}>
                <Cell narrow="title">
                  <span className="font-mono [overflow-wrap:anywhere]">{where}</span>
                  <p className="text-muted">{how}</p>
                </Cell>
                <Cell narrow="meta">{kindWords[kind as keyof typeof kindWords] ?? kind}</Cell>
                <Cell align="end" narrow="meta">
                  {count}
                  {beyond === 0 ? null : <p className="text-muted">{batchesText(beyond, beyondDone)}</p>}
                </Cell>
                <Cell>
                  {method}
                  {columns.length === 0 ? "" : `: ${columns.map((one) => `${one.name} (${one.method})`).join(", ")}`}
                  {why === null ? null : <p className="text-muted">{why}</p>}
                  {kept === 0 ? null : <p className="text-warning">▲ {kept} under a legal hold</p>}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </Section>
      <Backups backups={backups} />
      <Papers papers={papers} />
      <Unreached notReached={notReached} />
      <p className="text-faint text-xs">
        Signed with the key that signs the audit log's checkpoints. Check the JSON offline:{" "}
        <code>bin/verify certificate.json --key caretaker.key</code>.
      </p>
    </>
  );
}

function batchesText(agreed: number, done: number | undefined): string {
  if (done === undefined) return `${agreed} more agreed to, in batches`;
  return done === agreed ? `${done} more in batches` : `${done} of ${agreed} more in batches`;
}
