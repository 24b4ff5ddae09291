"use client";
import { useRouter } from "next/navigation";
import { useMemo, useState } from "react";
import { counted } from "#components/numbers/format.ts";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Input } from "#components/ui/input.tsx";
import type { TableModel } from "#db/databases/contract.ts";
import type { ModelToEdit } from "#db/databases/merge-model.ts";
import { confirmModel } from "../../actions.ts";
import { DatabaseParts, type Parts } from "./database-parts.tsx";
import { TableList } from "./table-list.tsx";
import { tooLarge } from "./too-large.ts";

interface ModelEditorProps {
  databaseId: string;
  model: ModelToEdit;
  homes: { id: string; name: string }[];
  /** What a form can send. */
  bytesMax: number;
}

/** The proposed model, corrected in place; what is confirmed is exactly what is shown. */
export function ModelEditor({ databaseId, model, homes, bytesMax }: ModelEditorProps) {
  const router = useRouter();
  const [parts, setParts] = useState<Parts>({
    usersTable: model.usersTable,
    applicationRole: model.applicationRole,
    ownTenantKey: model.ownTenantKey,
    homeDatabaseId: model.homeDatabaseId,
  });
  const [tables, setTables] = useState(model.tables);
  const [basis] = useState(model.basis); // of what is edited here, which a refresh does not replace
  const [wanted, setWanted] = useState("");
  const shown = useMemo(() => matching(tables, wanted), [tables, wanted]);
  const change = (changed: TableModel) => setTables((all) => all.map((one) => (isSame(one, changed) ? changed : one)));
  const sent = JSON.stringify({ tenantsTable: model.tenantsTable, ...parts, tables });

  return (
    <div className="grid gap-6">
      <DatabaseParts databaseId={databaseId} model={model} homes={homes} parts={parts} onChange={setParts} />
      <div className="grid gap-2">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <Input
            type="search"
            aria-label="Find a table"
            placeholder="Find a table"
            className="max-w-64"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
          <p className="text-muted">{summaryOf(tables)}</p>
        </div>
        <TableList tables={shown} proposed={model} onChange={change} />
      </div>
      <ActionForm
        action={async (input) => tooLarge(sent, bytesMax) ?? (await confirmModel(input))}
        submit="Confirm model"
        hidden={{ databaseId, basis, model: sent }}
        doneMessage="The model is confirmed."
        onDone={() => router.push(`/databases/${databaseId}/plan`)}
      />
    </div>
  );
}

function isSame(one: TableModel, other: TableModel): boolean {
  return one.schema === other.schema && one.name === other.name;
}

function matching(tables: TableModel[], wanted: string): TableModel[] {
  const text = wanted.trim().toLowerCase();
  return text === "" ? tables : tables.filter((table) => `${table.schema}.${table.name}`.toLowerCase().includes(text));
}

function summaryOf(tables: TableModel[]): string {
  const audited = tables.filter((table) => table.audited).length;
  const masked = tables.reduce((sum, table) => sum + (table.audited ? table.maskedColumns.length : 0), 0);
  return `${audited} of ${counted(tables.length, "table")} audited, ${counted(masked, "column")} masked`;
}
