"use client";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { toast } from "#components/feedback/toast.ts";
import { counted } from "#components/numbers/format.ts";
import { ActionButton } from "#components/ui/action-button.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { manyTenants } from "#db/tenants/bulk/contract.ts";
import type { BulkResult, TenantRow } from "#db/tenants/contract.ts";
import { reopenTenants, suspendTenants } from "./actions.ts";
import { bulkText } from "./bulk-text.ts";

interface BulkActionsProps {
  chosen: TenantRow[];
  mayWrite: boolean;
  clear: () => void;
  /** Told what was refused, or null where nothing was. */
  onRefusals: (told: string | null) => void;
}

/** What can be done with many tenants at once. Each is judged by itself. */
export function BulkActions({ chosen, mayWrite, clear, onRefusals }: BulkActionsProps) {
  const ids = chosen.map(({ id }) => id).join(",");
  const active = chosen.filter(({ status }) => status === "active");
  const suspended = chosen.filter(({ status }) => status === "suspended");
  const advised = chosen.filter(({ advisedTier }) => advisedTier !== null);
  const tell = (what: string) => (result: BulkResult) => {
    const told = bulkText(result, what, chosen);
    // The choice stays where somebody was refused, as far as the list still shows it.
    onRefusals(result.refused.length > 0 ? told : null);
    if (result.refused.length > 0) return;
    toast(told);
    clear();
  };
  return (
    <>
      {advised.length > 0 ? (
        <LinkButton href={`/tenants/advice?move=${ids}`}>Simulate {counted(advised.length, "move")}</LinkButton>
      ) : null}
      {mayWrite && active.length > 0 ? (
        <DangerDialog
          tier="irreversible"
          verb="tenants.suspend"
          subject={manyTenants(active.length)}
          effect="From their next statements on, row-level security refuses the application for these tenants and says that they are suspended. No row is changed, and reopening undoes it at once."
          fields={{ tenantIds: active.map(({ id }) => id).join(",") }}
          action={suspendTenants}
          confirm={`Suspend ${counted(active.length, "tenant")}`}
          onDone={tell("suspended")}
        />
      ) : null}
      {mayWrite && suspended.length > 0 ? (
        <ActionButton
          action={reopenTenants}
          input={{ tenantIds: suspended.map(({ id }) => id).join(",") }}
          onDone={tell("reopened")}
        >
          Reopen {counted(suspended.length, "tenant")}
        </ActionButton>
      ) : null}
    </>
  );
}
