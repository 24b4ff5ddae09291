"use client";
import Link from "next/link";
import { useState } from "react";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { RestorePlan, RestoreResult } from "#db/records/restore/contract.ts";
import { restoreRow } from "../actions.ts";

interface RestorePanelProps {
  target: Record<string, string>;
  /** Null when there is none, or when the reader may not run it. */
  plan: RestorePlan | null;
  subject: string;
}

/** Runs the plan, and keeps showing its proof while the plan below is read again. */
export function RestorePanel({ target, plan, subject }: RestorePanelProps) {
  const [result, setResult] = useState<RestoreResult | null>(null);
  if (result !== null) return <Proof result={result} subject={subject} />;
  if (plan === null || plan.status !== "clean") return null;
  const effect =
    plan.kind === "hard"
      ? `One row is inserted into ${plan.schema}.${plan.table} of ${plan.databaseName}, under its own key. The application sees it at once.`
      : `The deletion mark is taken off one row of ${plan.schema}.${plan.table} of ${plan.databaseName}. The application sees it at once.`;
  return (
    <div>
      <DangerDialog
        tier="costly"
        verb="records.restore"
        subject={subject}
        effect={effect}
        fields={target}
        planHash={plan.hash}
        action={restoreRow}
        confirm={`Restore ${subject}`}
        onDone={setResult}
      />
    </div>
  );
}

function Proof({ result, subject }: { result: RestoreResult; subject: string }) {
  return (
    <section aria-label="Result" className="grid gap-1 rounded border border-line px-4 py-3">
      <p className="font-medium" role="status">
        <Status kind={result.proven ? "good" : "warning"}>
          {result.proven
            ? `${subject} is back, exactly as planned.`
            : `${subject} is back, but ${result.differing.join(", ")} came out differently: the table's own triggers changed it.`}
        </Status>
      </p>
      <p className="flex flex-wrap items-center gap-x-4 text-muted">
        <span>
          Row as planned <Copy text={result.plannedHash} what="hash as planned" />
        </span>
        <span>
          Row as it stands <Copy text={result.rowHash} what="hash of the row" />
        </span>
        {result.entry === null ? null : <Link href={`/audit/${result.database}/${result.entry}`}>The audit entry</Link>}
        <Link href="/deleted">Back to the deleted records</Link>
      </p>
    </section>
  );
}
