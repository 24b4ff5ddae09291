import Link from "next/link";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { Approval, ApprovalState } from "#db/approvals/contract.ts";
import type { MoveCompletion } from "#db/moves/contract.ts";
import { CompletionPlan } from "./completion-plan.tsx";
import { Decide, Withdraw } from "./decide-actions.tsx";
import type { ProposedPlan } from "./proposed-plans.ts";

const looks: Record<ApprovalState, { kind: StatusKind; word: string }> = {
  proposed: { kind: "warning", word: "waits for a second person" },
  approved: { kind: "good", word: "approved, not used yet" },
  declined: { kind: "neutral", word: "declined" },
  used: { kind: "neutral", word: "used" },
  expired: { kind: "neutral", word: "expired" },
};

interface ApprovalCardProps {
  approval: Approval;
  /** Of a move that is to be completed: what that removes. */
  completion?: MoveCompletion;
  plan?: ProposedPlan;
  own: boolean;
  decides: boolean;
}

/** One proposal: what, of which plan, why, by whom; and the decision where this person may make it. */
export function ApprovalCard({ approval, completion, plan, own, decides }: ApprovalCardProps) {
  const { kind, word } = looks[approval.state];
  const open = approval.state === "proposed";
  return (
    <li className="grid gap-2 rounded border border-line bg-surface px-4 py-3">
      <header className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold text-sm [overflow-wrap:anywhere]">
          <code>{approval.verb}</code> {approval.subject}
        </h2>
        <Status kind={kind}>{word}</Status>
      </header>
      <Facts
        items={[
          { label: "Reason", value: approval.reason },
          ...(completion ? [{ label: "Effect", value: <CompletionPlan completion={completion} /> }] : []),
          ...(plan?.effect ? [{ label: "Effect", value: plan.effect }] : []),
          { label: "Plan", value: <Plan hash={approval.planHash} links={plan?.links ?? []} /> },
          { label: "Proposed", value: <By who={approval.proposedBy.name} at={approval.proposedAt} /> },
          ...(approval.approvedBy
            ? [{ label: "Approved", value: <By who={approval.approvedBy} at={approval.approvedAt} /> }]
            : []),
          ...(approval.declinedBy
            ? [{ label: "Declined", value: <By who={approval.declinedBy} at={approval.declinedAt} /> }]
            : []),
          ...(approval.usedAt ? [{ label: "Used", value: <When at={approval.usedAt} /> }] : []),
          ...(open || approval.state === "approved"
            ? [{ label: "Holds until", value: <When at={approval.expiresAt} absolute /> }]
            : []),
        ]}
      />
      {open && own ? <Withdraw id={approval.id} /> : null}
      {open && !own && decides ? <Decide approval={approval} completion={completion} effect={plan?.effect} /> : null}
    </li>
  );
}

/** Its hash, and where the plan itself can be read the way there. */
function Plan({ hash, links }: { hash: string; links: ProposedPlan["links"] }) {
  return (
    <span className="flex flex-wrap gap-x-4">
      <Copy text={hash} what="plan hash" keep={24} />
      {links.map(({ href, label }) => (
        <Link key={href} href={href}>
          {label}
        </Link>
      ))}
    </span>
  );
}

function By({ who, at }: { who: string; at: string | null }) {
  return (
    <>
      {who}, <When at={at} />
    </>
  );
}
