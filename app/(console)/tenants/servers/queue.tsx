import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { bytes, counted } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Rebalance, RebalanceItem } from "#db/placing/rebalance/read.ts";
import { stopRebalance } from "./actions.ts";

const kinds: Record<RebalanceItem["state"], StatusKind> = {
  queued: "neutral",
  moving: "neutral",
  moved: "good",
  failed: "critical",
  skipped: "warning",
};

/** The queue of the newest rebalancing. */
export function Queue({ rebalance, moves }: { rebalance: Rebalance; moves: boolean }) {
  const { id, state, items, actorName, startedAt, endedAt } = rebalance;
  const having = (wanted: RebalanceItem["state"]): number => items.filter((one) => one.state === wanted).length;
  return (
    <div className="grid justify-items-start gap-2">
      <p>
        {having("moved")} of {counted(items.length, "tenant")} moved
        {having("failed") > 0 ? `, ${having("failed")} failed` : ""}; {state}. Started by {actorName}{" "}
        <When at={startedAt} />
        {endedAt ? (
          <>
            , over <When at={endedAt} />
          </>
        ) : null}
        .
      </p>
      <Table label="Queue of moves">
        <Head
          columns={[
            { label: "Tenant" },
            { label: "From" },
            { label: "To" },
            { label: "Size", align: "end" },
            { label: "State" },
          ]}
        />
        <tbody>
          {items.map((item) => (
            <Row key={item.ordinal}>
              <Cell narrow="title">{item.tenantName}</Cell>
              <Cell narrow="meta">{item.from}</Cell>
              <Cell narrow="meta">
                <span className="sm:hidden">to </span>
                {item.to}
              </Cell>
              <Cell align="end" narrow="hidden">
                {bytes(item.bytes)}
              </Cell>
              <Cell narrow="end" className="whitespace-normal">
                <Status kind={kinds[item.state]}>
                  {item.state}
                  {item.error ? `: ${item.error}` : ""}
                </Status>
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {state === "running" && moves ? (
        <ActionButton action={stopRebalance} input={{ rebalanceId: id }} doneMessage="No further move is begun">
          Stop the queue
        </ActionButton>
      ) : null}
    </div>
  );
}
