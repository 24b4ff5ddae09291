"use client";
import { useRouter } from "next/navigation";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { restoreRows } from "../actions.ts";
import { reportHref } from "../addresses.ts";

/** The step that runs the plan; then on to its report, or to the job that writes it. */
export function RestorePanel({ plan }: { plan: RestorePlan }) {
  const router = useRouter();
  return (
    <DangerDialog
      tier="costly"
      verb="records.restore"
      subject={plan.subject}
      effect={effectOf(plan)}
      fields={{ plan: plan.hash }}
      planHash={plan.hash}
      action={restoreRows}
      confirm={confirmOf(plan)}
      onDone={({ restore, job }) => router.push(job === null ? reportHref(restore) : `/jobs/${job}`)}
    />
  );
}

function confirmOf({ what, writes }: RestorePlan): string {
  if (what === "undo") return `Undo ${counted(writes, "row")}`;
  return what === "version" ? "Take the record back" : `Restore ${counted(writes, "row")}`;
}

function effectOf({ what, writes, databaseName, chunks }: RestorePlan): string {
  const rows = counted(writes, "row");
  const how = chunks === 1 ? "In one transaction" : `In ${chunks} transactions by a job`;
  if (what === "undo")
    return `${how}, ${rows} of ${databaseName} are taken out again, or marked as they were. The application sees it at once.`;
  if (what === "version")
    return `The record in ${databaseName} gets the values of the earlier version. It can be undone.`;
  return `${how}, ${rows} come back in ${databaseName} under their own keys. The application sees them at once. It can be undone for 30 days.`;
}
