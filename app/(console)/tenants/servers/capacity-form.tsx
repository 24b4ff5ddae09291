"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import type { ServerStanding } from "#db/placing/contract.ts";
import { setCapacity } from "./actions.ts";

const gigabyte = 1024 ** 3;

export function CapacityForm({
  server: { id, name, region, diskBytes, cores, movesAtOnce },
}: {
  server: ServerStanding;
}) {
  return (
    <DialogButton
      label="Capacity…"
      small
      title={`What ${name} can bear`}
      description="PostgreSQL cannot tell how large its disk is or how many cores it has. Tenants are placed and moved by what is said here."
    >
      <ActionForm action={setCapacity} submit="Set capacity" hidden={{ serverId: id }} doneMessage="Capacity set">
        <Field label="Region" name="region" hint="As contracts name it, such as eu-central.">
          <Input name="region" defaultValue={region ?? ""} maxLength={60} />
        </Field>
        <Field label="Disk in GB" name="diskGb">
          <Input
            name="diskGb"
            inputMode="decimal"
            defaultValue={diskBytes === null ? "" : String(Number((diskBytes / gigabyte).toFixed(3)))}
          />
        </Field>
        <Field label="Cores" name="cores" hint="How many statements it can run at once.">
          <Input name="cores" inputMode="numeric" defaultValue={cores === null ? "" : String(cores)} />
        </Field>
        <Field label="Moves at once" name="movesAtOnce" hint="How many tenants may be copied to or from it at a time.">
          <Input name="movesAtOnce" type="number" min={1} max={100} defaultValue={movesAtOnce} required />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
