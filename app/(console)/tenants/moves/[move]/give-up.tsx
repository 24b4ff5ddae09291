"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import type { MoveLoss, MoveView } from "#db/moves/contract.ts";
import { leftThere } from "#db/moves/lost/contract.ts";
import { giveUpPlace } from "../actions.ts";
import { livesAt, placeWords } from "../words.ts";

/** Ends the move without the place that is lost. Its dry run is what stays there. */
export function GiveUp({ move, loss }: { move: MoveView; loss: MoveLoss }) {
  const tables = move.tables.map(({ name, rows, verifiedRows }) => ({ name, rows: verifiedRows ?? rows }));
  return (
    <DangerDialog
      tier="irreversible"
      verb="moves.give_up"
      subject={move.tenantName}
      planHash={loss.planHash}
      effect={`Only where ${loss.place.databaseName} on ${loss.place.serverName} is lost for good: the move ends without it and removes nothing there. ${move.tenantName} goes on in ${placeWords(livesAt(move))}, where what the move put up is taken down. ${leftThere(loss.place, tables)}`}
      fields={{ moveId: move.id }}
      action={giveUpPlace}
      confirm={`Give up ${loss.place.databaseName} for ${move.tenantName}`}
      label="Give the other place up…"
      doneMessage="The move ends without the other place"
    />
  );
}
