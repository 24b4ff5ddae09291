"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import { removeLeftovers } from "../actions.ts";

interface RemoveLeftoversProps {
  /** What is typed to confirm. */
  subject: string;
  ids: string[];
  rows: number;
  statements: number;
  planHash: string;
  small?: boolean;
}

/** Removes one leftover, or all that nobody needs. What holds rows takes a second person too. */
export function RemoveLeftovers({ subject, ids, rows, statements, planHash, small }: RemoveLeftoversProps) {
  return (
    <DangerDialog
      tier={rows > 0 ? "irreversible" : "costly"}
      verb="moves.sweep"
      subject={subject}
      planHash={planHash}
      effect={
        <>
          A worker runs {counted(statements, "statement")}, each after it has found once more that nobody needs what it
          removes, and waiting for locks only briefly.{" "}
          {rows > 0
            ? `Tables with ${counted(rows, "row")} go for good. A second person must approve.`
            : "No row goes with it."}
        </>
      }
      fields={{ ids: ids.join("\n") }}
      action={removeLeftovers}
      confirm={`Remove ${subject}`}
      label={small ? "Remove…" : undefined}
      small={small}
      doneMessage="A worker removes them"
    />
  );
}
