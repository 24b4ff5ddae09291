"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { Approval } from "#db/approvals/contract.ts";
import type { MoveCompletion } from "#db/moves/contract.ts";
import { decide, withdraw } from "./actions.ts";
import { CompletionPlan } from "./completion-plan.tsx";

interface DecideProps {
  approval: Approval;
  completion?: MoveCompletion;
  effect?: string;
}

export function Decide({ approval, completion, effect }: DecideProps) {
  const shared = {
    tier: "reversible" as const,
    verb: "approvals.decide",
    subject: approval.subject,
    action: decide,
    planHash: approval.planHash,
    small: true,
  };
  return (
    <div className="flex flex-wrap gap-2">
      <DangerDialog
        {...shared}
        fields={{ id: approval.id, decision: "approve" }}
        effect={
          <div className="grid gap-2">
            <p>
              {approval.proposedBy.name} may then run {approval.verb} on {approval.subject}, by this plan and no other,
              once, until the hour is over.
            </p>
            {effect ? <p>{effect}</p> : null}
            {completion ? <CompletionPlan completion={completion} /> : null}
          </div>
        }
        confirm={`Approve for ${approval.proposedBy.name}`}
        doneMessage="Approved"
      />
      <DangerDialog
        {...shared}
        fields={{ id: approval.id, decision: "decline" }}
        effect={`${approval.proposedBy.name} has to propose it again.`}
        confirm="Decline proposal"
        doneMessage="Declined"
      />
    </div>
  );
}

export function Withdraw({ id }: { id: string }) {
  return (
    <div>
      <ActionButton small action={withdraw} input={{ id }} doneMessage="Proposal withdrawn">
        Withdraw proposal
      </ActionButton>
    </div>
  );
}
