import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Code } from "#components/ui/code.tsx";
import type { KeptFinding } from "#db/databases/isolation/contract.ts";
import { withdrawAcceptance } from "../actions.ts";
import { relationName, severityKinds } from "../words.ts";
import { AcceptFinding } from "./accept-finding.tsx";

interface FindingListProps {
  databaseId: string;
  findings: readonly KeptFinding[];
  manages: boolean;
}

/** What leaks first, then what weakens; notes and what somebody accepted are folded. */
export function FindingList({ databaseId, findings, manages }: FindingListProps) {
  const open = findings.filter(({ acceptance, severity }) => acceptance === null && severity !== "note");
  const notes = findings.filter(({ acceptance, severity }) => acceptance === null && severity === "note");
  const accepted = findings.filter(({ acceptance }) => acceptance !== null);
  const list = (some: readonly KeptFinding[]) => (
    <ul className="grid">
      {some.map((finding) => (
        <FindingView key={finding.key} databaseId={databaseId} finding={finding} manages={manages} />
      ))}
    </ul>
  );
  return (
    <div className="grid gap-3">
      {findings.length > 0 && open.length === 0 ? (
        <Status kind="good">Nothing leaks, but for what is folded here.</Status>
      ) : null}
      {list(open)}
      <Folded title={counted(notes.length, "note")} hidden={notes.length === 0}>
        {list(notes)}
      </Folded>
      <Folded title={`${counted(accepted.length, "finding")} accepted`} hidden={accepted.length === 0}>
        {list(accepted)}
      </Folded>
    </div>
  );
}

function Folded({ title, hidden, children }: { title: string; hidden: boolean; children: React.ReactNode }) {
  if (hidden) return null;
  return (
    <details>
      <summary className="cursor-pointer text-muted">{title}</summary>
      <div className="mt-2">{children}</div>
    </details>
  );
}

export function FindingView({
  databaseId,
  finding,
  manages,
}: {
  databaseId: string;
  finding: KeptFinding;
  manages: boolean;
}) {
  const { schema, name, kind, severity, what, why, shows, mends, source, acceptance, returned } = finding;
  return (
    <li className="grid gap-1.5 border-line border-t py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1">
        <h3 className="min-w-0 font-medium [overflow-wrap:anywhere]">
          <Status kind={severityKinds[severity]}>
            <span className="font-mono">{relationName({ schema, name })}</span>: {kind}
          </Status>
        </h3>
        {manages && severity !== "note" ? <Decision databaseId={databaseId} finding={finding} /> : null}
      </div>
      <p className="max-w-[90ch] [overflow-wrap:anywhere]">{sentence(what)}</p>
      <p className="max-w-[90ch] text-muted [overflow-wrap:anywhere]">
        {why}{" "}
        <Link href={source} className="text-accent" target="_blank" rel="noreferrer">
          Source
        </Link>
      </p>
      {returned ? <Status kind="warning">It had been accepted, and has changed since.</Status> : null}
      {acceptance ? (
        <p className="text-muted">
          Accepted by {acceptance.acceptedBy} <When at={acceptance.acceptedAt} />: {acceptance.reason}
        </p>
      ) : null}
      <div className="grid gap-2 lg:grid-cols-2">
        {shows ? <Labelled label="Shows it" text={shows} /> : null}
        {mends ? <Labelled label="Mends it" text={mends} /> : null}
      </div>
    </li>
  );
}

function Decision({
  databaseId,
  finding: { key, evidence, acceptance, name, schema },
}: {
  databaseId: string;
  finding: KeptFinding;
}) {
  const subject = relationName({ schema, name });
  return acceptance ? (
    <ActionButton
      action={withdrawAcceptance}
      input={{ acceptanceId: acceptance.id }}
      small
      doneMessage="Acceptance withdrawn"
    >
      Withdraw
    </ActionButton>
  ) : (
    <AcceptFinding databaseId={databaseId} findingKey={key} evidence={evidence} subject={subject} />
  );
}

function Labelled({ label, text }: { label: string; text: string }) {
  return (
    <div className="min-w-0">
      <p className="mb-0.5 text-faint text-xs">{label}</p>
      <Code text={text} />
    </div>
  );
}

function sentence(text: string): string {
  // A name stays as it is written.
  const first = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
