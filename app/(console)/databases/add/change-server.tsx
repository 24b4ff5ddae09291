"use client";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { changeServer } from "../actions.ts";
import { AddressFields, CertificateField, type Connection } from "./server-fields.tsx";

export function ChangeServer({ server }: { server: Connection & { id: string; name: string } }) {
  return (
    <DialogButton
      label="Change connection…"
      look="ghost"
      small
      title={`How ${server.name} is reached`}
      description="It is tried before it is kept: every database of this server that is known here has to answer. The password is given again, also where it stays."
    >
      <ActionForm
        action={changeServer}
        submit="Change connection"
        hidden={{ serverId: server.id }}
        doneMessage={`${server.name} is reached by its new connection.`}
      >
        <AddressFields server={server} />
        <CertificateField server={server} />
      </ActionForm>
    </DialogButton>
  );
}
