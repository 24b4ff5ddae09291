"use client";
import { useRouter } from "next/navigation";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { startRemoval } from "../../actions.ts";

interface RemoveAdoptionProps {
  database: { id: string; name: string };
  planHash: string;
  entries: string;
}

export function RemoveAdoption({ database, planHash, entries }: RemoveAdoptionProps) {
  const router = useRouter();
  return (
    <DangerDialog
      tier="irreversible"
      verb="databases.remove"
      subject={database.name}
      effect={`Caretaker is taken out of ${database.name}. About ${entries} audit entries are lost for good, and its writes are no longer recorded.`}
      fields={{ databaseId: database.id }}
      planHash={planHash}
      action={startRemoval}
      confirm={`Remove Caretaker from ${database.name}`}
      label="Remove…"
      doneMessage="A worker removes it."
      onDone={() => router.push(`/databases/${database.id}`)}
    />
  );
}
