"use client";
import { useRouter } from "next/navigation";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import type { LeavePlan } from "#db/tenants/leave/contract.ts";
import { leaveTenant } from "../../actions.ts";

export function LeaveTenant({ plan }: { plan: LeavePlan }) {
  const router = useRouter();
  const act = plan.how === "archive" ? "Archive" : "Delete";
  return (
    <DangerDialog
      tier="irreversible"
      verb={`tenants.${plan.how}`}
      subject={plan.name}
      effect={`${counted(plan.rows, "row")} of ${plan.name} are removed${plan.how === "archive" ? " once their archive is proven" : " for good"}.`}
      fields={{ tenantId: plan.tenantId, how: plan.how }}
      planHash={plan.hash}
      action={leaveTenant}
      confirm={`${act} ${plan.name}`}
      doneMessage="A worker does it."
      onDone={({ jobId }) => router.push(`/jobs/${jobId}`)}
    />
  );
}
