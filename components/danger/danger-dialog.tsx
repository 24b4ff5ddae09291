"use client";
import { type ReactNode, useState } from "react";
import type { FormAction } from "#components/ui/action-result.ts";
import { Button } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DangerForm } from "./danger-form.tsx";

export type DangerTier = "reversible" | "costly" | "irreversible";

export interface DangerDialogProps<T> {
  /** "reversible" acts need no dialog: use ActionButton with an undo. */
  tier: DangerTier;
  /** The verb's name, such as "tenants.suspend"; an approval is for one verb. */
  verb: string;
  /** What it is about, as it is typed to confirm. */
  subject: string;
  /** What will happen, to what, and what it means for others. */
  effect: ReactNode;
  /** Sent to the action with `reason`, `typed` and `planHash`. */
  fields?: Record<string, string>;
  action: FormAction<T>;
  /** Names the act, on the button and as the title: "Suspend Acme". */
  confirm: string;
  /** What the opening button says, when not `confirm`. */
  label?: ReactNode;
  planHash?: string;
  /** For a costly act whose verb needs a reason; an irreversible one always does. */
  reasonRequired?: boolean;
  /** Where it is the next thing to do. */
  look?: "primary";
  small?: boolean;
  disabled?: boolean;
  doneMessage?: string;
  redirectTo?: string;
  onDone?: (data: T) => void;
  /** More inputs of the act itself. */
  children?: ReactNode;
}

/** The one way to a costly or irreversible act. */
export function DangerDialog<T>(props: DangerDialogProps<T>) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button
        look={props.look}
        small={props.small}
        disabled={props.disabled}
        onClick={() => setOpen(true)}
        className={props.tier === "irreversible" ? "text-critical!" : undefined}
      >
        {props.label ?? `${props.confirm}…`}
      </Button>
      <Dialog open={open} onClose={close} title={props.confirm} description={props.effect}>
        <DangerForm {...props} close={close} />
      </Dialog>
    </>
  );
}
