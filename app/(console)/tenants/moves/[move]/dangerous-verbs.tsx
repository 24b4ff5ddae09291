"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { bytes, counted } from "#components/numbers/format.ts";
import { duration } from "#components/time/duration.ts";
import type { MoveView } from "#db/moves/contract.ts";
import { abortMove, completeMove, cutOverMove, reverseMove, scheduleCutover } from "../actions.ts";
import { CutoverField } from "../cutover-field.tsx";
import { placeWords } from "../words.ts";

interface VerbProps {
  move: MoveView;
}

export function CutOver({ move }: VerbProps) {
  const pause = move.predictedPauseMs === null ? "a moment" : `about ${duration(move.predictedPauseMs)}`;
  return (
    <DangerDialog
      tier="costly"
      verb="moves.cut_over"
      subject={move.tenantName}
      effect={`${move.tenantName}'s writers wait for ${pause} while the last ${counted(move.lagKeys ?? 0, "key")} are carried, and then write to ${placeWords(move.to)}. Other tenants do not wait. A cutover that would take longer is given up and tried again. The way back stays open.`}
      fields={{ moveId: move.id }}
      action={cutOverMove}
      confirm={`Cut over ${move.tenantName}`}
      label="Cut over…"
      look="primary"
      doneMessage="Asked for"
    />
  );
}

/** Until the cutover begins it may be asked for, set to a time, or taken back. */
export function Schedule({ move }: VerbProps) {
  return (
    <DangerDialog
      tier="costly"
      verb="moves.schedule"
      subject={move.tenantName}
      effect={`Says anew when ${move.tenantName}'s writers go to ${placeWords(move.to)}. ${move.state === "ready" ? "Both places hold the same rows already: “as soon as it is ready” means now." : "Copying and comparing go on as they are."}`}
      fields={{ moveId: move.id }}
      action={scheduleCutover}
      confirm={`Say when ${move.tenantName} is cut over`}
      label="Schedule…"
      doneMessage="The cutover is set"
    >
      <CutoverField value={move.cutover} />
    </DangerDialog>
  );
}

export function ReverseMove({ move }: VerbProps) {
  return (
    <DangerDialog
      tier="costly"
      verb="moves.reverse"
      subject={move.tenantName}
      effect={`${move.tenantName}'s writers wait as they did at the cutover, and then write to ${placeWords(move.from)} again, with everything that was written at the new place. It can then be cut over again, or aborted.`}
      fields={{ moveId: move.id }}
      action={reverseMove}
      confirm={`Reverse the move of ${move.tenantName}`}
      label="Reverse…"
      doneMessage="The way back is asked for"
    />
  );
}

export function AbortMove({ move }: VerbProps) {
  return (
    <DangerDialog
      tier="costly"
      verb="moves.abort"
      subject={move.tenantName}
      effect={`The copy at ${placeWords(move.to)} is taken away. ${move.tenantName} stays in ${placeWords(move.from)}, where it writes now; none of its rows is touched there.`}
      fields={{ moveId: move.id }}
      action={abortMove}
      confirm={`Abort the move of ${move.tenantName}`}
      label="Abort…"
      doneMessage="The move is aborted"
    />
  );
}

/** Closes the way back. Its dry run is the list of what goes. */
export function CompleteMove({ move }: VerbProps) {
  const rows = move.tables.reduce((sum, table) => sum + (table.verifiedRows ?? table.rows), 0);
  const size = move.tables.reduce((sum, table) => sum + table.bytes, 0);
  return (
    <DangerDialog
      tier="irreversible"
      verb="moves.complete"
      subject={move.tenantName}
      planHash={move.completionHash ?? undefined}
      effect={
        <>
          Removes for good what {move.tenantName} left in {placeWords(move.from)}, about {counted(rows, "row")},{" "}
          {bytes(size)}, of {counted(move.tables.length, "table")}: {move.tables.map(({ name }) => name).join(", ")}. It
          can no longer be reversed then. {move.tenantName} goes on in {placeWords(move.to)} and notices nothing. A
          second person must approve.
        </>
      }
      fields={{ moveId: move.id }}
      action={completeMove}
      confirm={`Complete the move of ${move.tenantName}`}
      label="Complete…"
      doneMessage="The move is being completed"
    />
  );
}
