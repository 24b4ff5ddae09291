import { Status } from "#components/feedback/status.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { IsolationRun } from "#db/databases/isolation/contract.ts";
import { runKind, runSentence } from "../words.ts";

/** The newest checks; the counts are of findings that nobody has accepted since. */
export function History({ runs }: { runs: readonly IsolationRun[] }) {
  return (
    <Table label="Checks of this database">
      <Head
        columns={[
          { label: "When" },
          { label: "Answer" },
          { label: "Critical", align: "end" },
          { label: "Warnings", align: "end" },
        ]}
      />
      <tbody>
        {runs.map((run) => (
          <Row key={run.id}>
            <Cell narrow="end">
              <When at={run.finishedAt} />
            </Cell>
            <Cell narrow="title" className="whitespace-normal">
              {run.state === "failed" ? (
                <Status kind="unknown">failed: {run.error}</Status>
              ) : (
                <Status kind={runKind(run)}>{runSentence(run)}</Status>
              )}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(run.critical)}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(run.warnings)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
