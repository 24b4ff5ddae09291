import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, counted, percent } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import type { ServerStanding } from "#db/placing/contract.ts";
import type { RebalancePreview } from "#db/placing/rebalance/preview.ts";
import { startRebalance } from "./actions.ts";

interface RebalanceViewProps {
  plan: RebalancePreview;
  servers: readonly ServerStanding[];
  moves: boolean;
}

const shownMax = 200;

/** What the plan leaves over first, then the moves in their order, then how the servers stand afterwards. */
export function RebalanceView({ plan, servers, moves }: RebalanceViewProps) {
  const nameOf = (id: string): string => servers.find((one) => one.id === id)?.name ?? id;
  const limit = Math.round(plan.limit * 100);
  return (
    <div className="grid justify-items-start gap-3">
      {plan.unsolved.map(({ serverId, name, why }) => (
        <Status key={serverId} kind="critical">
          {name}: {why}
        </Status>
      ))}
      {plan.leftOut.map(({ name, why }) => (
        <Status key={name} kind="unknown">
          {name} is left out: {why}.
        </Status>
      ))}
      {plan.unsized > 0 ? (
        <Status kind="unknown">
          {counted(plan.unsized, "tenant")} without a measured size cannot be reckoned with.
        </Status>
      ) : null}
      {plan.moves.length === 0 ? (
        plan.unsolved.length === 0 && plan.servers.length > 0 ? (
          <Status kind="good">No tenant needs to move.</Status>
        ) : null
      ) : (
        <>
          <p>
            {counted(plan.moves.length, "move")}, {bytes(plan.movedBytes)} in all. Each tenant gets a database of its
            own on its new server; the room at its old one is free when its move is completed.
          </p>
          <Table label="Moves of the plan">
            <Head
              columns={[
                { label: "Tenant" },
                { label: "From" },
                { label: "To" },
                { label: "Size", align: "end" },
                { label: "Why" },
              ]}
            />
            <tbody>
              {plan.moves.slice(0, shownMax).map((move) => (
                <Row key={move.tenantId}>
                  <Cell narrow="title">{move.tenantName}</Cell>
                  <Cell narrow="meta">{nameOf(move.fromServerId)}</Cell>
                  <Cell narrow="meta">
                    <span className="sm:hidden">to </span>
                    {nameOf(move.toServerId)}
                  </Cell>
                  <Cell align="end" narrow="end">
                    {bytes(move.bytes)}
                  </Cell>
                  <Cell narrow="hidden" className="whitespace-normal text-muted">
                    {move.why}
                    {move.tier === "shared"
                      ? " Its rows leave room in shared tables, which others fill again; VACUUM FULL gives it to the disk."
                      : ""}
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
          <ul className="grid gap-1">
            {plan.servers.map((one) => (
              <li key={one.id}>
                {one.name}: disk {change(one.before.disk, one.after.disk)}, load{" "}
                {change(one.before.load, one.after.load)}
              </li>
            ))}
          </ul>
          {moves ? (
            <DangerDialog
              tier="costly"
              verb="rebalance.start"
              subject="the fleet"
              planHash={plan.hash}
              fields={{ limit: String(limit) }}
              action={startRebalance}
              confirm={`Move ${counted(plan.moves.length, "tenant")}`}
              effect="Two tenants at a time are copied to their new servers and switched over when they are verified; each waits for a moment then. Every move can be reversed until it is completed."
              doneMessage="Rebalancing started"
            />
          ) : null}
        </>
      )}
    </div>
  );
}

function change(before: number | null, after: number | null): string {
  if (before === null || after === null) return "not known";
  const [from, to] = [percent(before, 0), percent(after, 0)];
  return from === to ? `stays at ${from}` : `${from} to ${to}`;
}
