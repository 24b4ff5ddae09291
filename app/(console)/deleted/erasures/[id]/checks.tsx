import { Status } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { ErasureCheck } from "#db/records/erasure/contract.ts";
import { checkWords } from "../words.ts";

/** Every search after the erasure: each must find nothing. */
export function Checks({ checks }: { checks: ErasureCheck[] }) {
  return (
    <Section title="Searches after it" answer="Each searched as the erasure did, and must find nothing.">
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
          {checks.map(({ id, clean, remaining, what, applied, databaseName, actorName, checkedAt }) => (
            <Row key={id}>
              <Cell narrow="title">
                <Status kind={clean ? "good" : "critical"}>
                  {clean ? "nothing" : remaining.map(({ where, count }) => `${count} in ${where}`).join(", ")}
                </Status>
              </Cell>
              <Cell>
                {checkWords[what]}
                {what === "replay" ? `, ${applied} rows` : ""}
              </Cell>
              <Cell>{databaseName}</Cell>
              <Cell>{actorName}</Cell>
              <Cell align="end" narrow="end">
                <When at={checkedAt} inRow align="end" />
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
