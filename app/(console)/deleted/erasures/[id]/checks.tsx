import { Status } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { type ErasureCheck, outcomeOf } from "#db/records/erasure/contract.ts";
import { checkWords, outcomeKinds, outcomeWords } from "../words.ts";

/** Every search after the erasure: each must find nothing. */
export function Checks({ checks }: { checks: ErasureCheck[] }) {
  return (
    <Section
      title="Searches after it"
      answer="Each searched as the erasure did, and must find nothing and look at everything."
    >
      <Table label="Searches after the erasure">
        <Head
          columns={[
            { label: "Found" },
            { label: "Why", width: "w-40" },
            { label: "Database", width: "w-48" },
            { label: "By", width: "w-40" },
            { label: "When", align: "end", width: "w-28" },
          ]}
        />
        <tbody>
          {checks.map((check) => (
            <Row key={check.id}>
              <Cell narrow="title">
                <Status kind={outcomeKinds[outcomeOf(check)]}>{outcomeWords(check)}</Status>
                {check.notReached.map(({ where, why }) => (
                  <p key={`${where} ${why}`} className="text-muted [overflow-wrap:anywhere]">
                    Not reached: {where}. {why}
                  </p>
                ))}
              </Cell>
              <Cell>
                {checkWords[check.what]}
                {check.what === "replay" ? `, ${check.applied} rows` : ""}
              </Cell>
              <Cell>{check.databaseName}</Cell>
              <Cell>{check.actorName}</Cell>
              <Cell align="end" narrow="end">
                <When at={check.checkedAt} inRow align="end" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
