"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import { holdsRows, type Leftover, sweepSubject } from "#db/moves/sweep/contract.ts";
import { removeLeftovers } from "../actions.ts";

interface RemoveLeftoversProps {
  leftovers: readonly Leftover[];
  planHash: string;
  small?: boolean;
}

/** Removes one leftover, or all that nobody needs. What holds rows takes a second person too. */
export function RemoveLeftovers({ leftovers, planHash, small }: RemoveLeftoversProps) {
  const rows = leftovers.reduce((sum, one) => sum + one.rows, 0);
  const statements = leftovers.reduce((sum, one) => sum + one.statements.length, 0);
  const subject = sweepSubject(leftovers);
  const dangerous = holdsRows(leftovers);
  return (
    <DangerDialog
      tier={dangerous ? "irreversible" : "costly"}
      verb="moves.sweep"
      subject={subject}
      planHash={planHash}
      effect={
        <>
          A worker runs {counted(statements, "statement")}, each after it has found once more that nobody needs what it
          removes, and waiting for locks only briefly.{" "}
          {dangerous
            ? `Tables with ${counted(rows, "row")} go for good. A second person must approve.`
            : "No row goes with it."}
        </>
      }
      fields={{ ids: leftovers.map(({ id }) => id).join("\n") }}
      action={removeLeftovers}
      confirm={`Remove ${subject}`}
      label={small ? "Remove…" : undefined}
      small={small}
      doneMessage="A worker removes them"
    />
  );
}
