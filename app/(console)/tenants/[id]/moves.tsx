import Link from "next/link";
import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import type { MoveRow } from "#db/moves/contract.ts";
import { listMoves } from "#db/moves/read.ts";
import type { Page } from "#db/page.ts";
import { moveKind, moveWords } from "../moves/words.ts";
import { failureOf } from "./panel.ts";

const shown = 5;

/** The newest moves of this tenant; one that goes on stands first. */
export async function Moves({ tenantId }: { tenantId: string }) {
  const actor = await currentActor();
  if (!actor?.capabilities.has("tenants.read")) return null;
  const page: Page<MoveRow> | string = await listMoves(actor, { tenantId }).catch(failureOf);
  if (typeof page === "string") return <FailedState title="Its moves could not be read">{page}</FailedState>;
  if (page.rows.length === 0) {
    return <EmptyState title="Never moved">Moves between tiers, databases and servers would be here.</EmptyState>;
  }
  return (
    <Table label="Moves">
      <tbody>
        {page.rows.slice(0, shown).map((move) => (
          <Row key={move.id}>
            <Cell narrow="title">
              <Link href={`/tenants/moves/${move.id}`}>
                {move.from.tier} in {move.from.databaseName} to {move.to.tier} in {move.to.databaseName}
              </Link>
            </Cell>
            <Cell narrow="meta">
              <Status kind={moveKind(move)}>{moveWords(move)}</Status>
            </Cell>
            <Cell narrow="end" className="w-28 text-muted">
              <When at={move.startedAt} align="end" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
