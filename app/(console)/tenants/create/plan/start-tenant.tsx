"use client";
import { useRouter } from "next/navigation";
import { ActionForm } from "#components/ui/action-form.tsx";
import { startTenant } from "../../actions.ts";

export function StartTenant({ name, fields }: { name: string; fields: Record<string, string> }) {
  const router = useRouter();
  return (
    <ActionForm
      action={startTenant}
      submit={`Create ${name}`}
      hidden={fields}
      doneMessage="A worker creates the tenant."
      onDone={({ jobId }) => router.push(`/jobs/${jobId}`)}
    />
  );
}
