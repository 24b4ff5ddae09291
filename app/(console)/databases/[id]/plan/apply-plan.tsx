"use client";
import { useRouter } from "next/navigation";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { counted } from "#components/numbers/format.ts";
import { startAdoption } from "../../actions.ts";

interface ApplyPlanProps {
  database: { id: string; name: string };
  plan: { hash: string; statements: number; transactions: number };
}

export function ApplyPlan({ database, plan }: ApplyPlanProps) {
  const router = useRouter();
  return (
    <DangerDialog
      tier="costly"
      verb="databases.adopt"
      subject={database.name}
      effect={`${counted(plan.statements, "statement")} run on ${database.name} in ${counted(plan.transactions, "transaction")}. The application keeps working; from then on each of its writes is recorded. It can be removed again.`}
      fields={{ databaseId: database.id }}
      planHash={plan.hash}
      action={startAdoption}
      confirm={`Apply the plan to ${database.name}`}
      label="Apply the plan…"
      doneMessage="A worker applies the plan."
      onDone={() => router.push(`/databases/${database.id}`)}
    />
  );
}
