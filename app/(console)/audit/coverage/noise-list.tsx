import { EmptyState } from "#components/feedback/states.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { type NoisyColumn, tableName } from "#db/audit/coverage/contract.ts";
import { leaveOutColumns } from "./actions.ts";
import { noiseWords } from "./words.ts";

interface NoiseListProps {
  databaseId: string;
  columns: NoisyColumn[];
  manages: boolean;
}

/** Each suggestion with what it rests on. Taking one changes the model and leads to the plan that follows from it. */
export function NoiseList({ databaseId, columns, manages }: NoiseListProps) {
  if (columns.length === 0) {
    return (
      <EmptyState title="No noise found">
        No bookkeeping column is in nearly every recorded change of its table, as far as the log tells so far.
      </EmptyState>
    );
  }
  const plan = `/databases/${databaseId}/plan`;
  return (
    <div className="grid gap-3">
      {manages && columns.length > 1 ? (
        <div>
          <ActionButton action={leaveOutColumns} input={inputOf(databaseId, columns)} redirectTo={plan}>
            Leave out all {columns.length} columns
          </ActionButton>
        </div>
      ) : null}
      <Table label="Columns that are noise">
        <Head
          columns={[
            { label: "Column" },
            { label: "Type" },
            { label: "What the log shows" },
            { label: "Leave out", hidden: true, align: "end" },
          ]}
        />
        <tbody>
          {columns.map((one) => (
            <Row key={JSON.stringify([one.schema, one.table, one.column])}>
              <Cell mono narrow="title">
                {tableName({ schema: one.schema, name: one.table })}.{one.column}
              </Cell>
              <Cell mono narrow="hidden" className="text-muted">
                {one.type}
              </Cell>
              <Cell narrow="meta" className="whitespace-normal">
                {noiseWords(one)}
              </Cell>
              <Cell narrow="end" align="end">
                {manages ? (
                  <ActionButton small action={leaveOutColumns} input={inputOf(databaseId, [one])} redirectTo={plan}>
                    Leave out
                    <span className="sr-only">
                      {" "}
                      {one.column} of {one.table}
                    </span>
                  </ActionButton>
                ) : null}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {manages ? null : <p className="text-muted">An administrator can leave them out.</p>}
    </div>
  );
}

function inputOf(databaseId: string, columns: readonly NoisyColumn[]): Record<string, string> {
  const named = columns.map(({ schema, table, column }) => ({ schema, table, column }));
  return { databaseId, columns: JSON.stringify(named) };
}
