"use client";
import { useState } from "react";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import { ActionButton } from "#components/ui/action-button.tsx";
import { Button, DownloadButton } from "#components/ui/button.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import type { ErasurePlan, ErasureRecord } from "#db/records/erasure/contract.ts";
import type { Rehearsal } from "#db/records/erasure/rehearse.ts";
import { checkAgain, erase, findAgain, goOn, rehearse } from "../actions.ts";

/** What can be done with a plan: search again, take a copy for the person, rehearse it, and run it. */
export function PlanActions({ record, plan }: { record: ErasureRecord; plan: ErasurePlan | null }) {
  const [done, setDone] = useState<Rehearsal | null>(null);
  const { id, subject, rehearsedHash } = record;
  return (
    <>
      <ActionButton action={findAgain} input={{ id }}>
        Search again
      </ActionButton>
      {plan === null ? null : (
        <>
          <DownloadButton href={`/api/deleted/erasures/${id}/access?format=html`}>Copy for the person</DownloadButton>
          <DownloadButton href={`/api/deleted/erasures/${id}/access?format=ndjson`}>NDJSON</DownloadButton>
        </>
      )}
      {plan?.status === "ready" ? (
        <ActionButton
          look={rehearsedHash === plan.hash ? "secondary" : "primary"}
          action={rehearse}
          input={{ id }}
          onDone={setDone}
        >
          Dry run
        </ActionButton>
      ) : null}
      {plan?.status === "ready" && rehearsedHash === plan.hash ? (
        <DangerDialog
          tier="irreversible"
          verb="records.erase"
          subject={subject}
          effect={effectOf(plan)}
          fields={{ id }}
          planHash={plan.hash}
          action={erase}
          confirm="Erase this person"
        />
      ) : null}
      <Dialog open={done !== null} onClose={() => setDone(null)} title="Dry run">
        {done ? <Rehearsed rehearsal={done} /> : null}
      </Dialog>
    </>
  );
}

function Rehearsed({ rehearsal: { rows, faults } }: { rehearsal: Rehearsal }) {
  if (faults.length === 0) {
    return <p>● {counted(rows, "row")} would change without a fault. Every statement ran and was rolled back.</p>;
  }
  return (
    <div>
      <p className="text-critical">■ {counted(faults.length, "statement")} would fail:</p>
      <ul className="list-disc pl-5">
        {faults.map(({ object, message }) => (
          <li key={`${object} ${message}`}>
            <code>{object}</code> {message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function effectOf({ redacted, beyond, deleted, entries, backups, papers }: ErasurePlan): string {
  const rows = `${counted(redacted + beyond, "row")} lose values and ${counted(deleted, "row")} go`;
  const kept = backups.length === 0 ? "" : ` ${counted(backups.length, "backup")} still hold the person.`;
  const files = papers.length === 0 ? "" : ` ${counted(papers.length, "file")} of tenants may hold the person.`;
  return `${rows}; ${counted(entries, "entry", "entries")} of the audit log${beyond === 0 ? "" : `, and those of the ${counted(beyond, "row")} that follow in batches,`} lose their values. Nothing of it can be brought back.${kept}${files} Leave the person's name out of the reason.`;
}

/** For a job that was cancelled or gave up: what two people agreed to is done, without asking them again. */
export function GoOn({ id }: { id: string }) {
  return (
    <div>
      <ActionButton look="primary" action={goOn} input={{ id }}>
        Go on with the erasure
      </ActionButton>
    </div>
  );
}

export function DoneActions({ id }: { id: string }) {
  return (
    <>
      <Button onClick={() => window.print()}>Print</Button>
      <DownloadButton href={`/api/deleted/erasures/${id}/certificate`}>Certificate as JSON</DownloadButton>
      <ActionButton action={checkAgain} input={{ id }} doneMessage="Searching again">
        Check again
      </ActionButton>
    </>
  );
}
