import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";

const tlsOptions = [
  { value: "verify-full", label: "TLS, certificate verified" },
  { value: "require", label: "TLS, certificate not verified" },
  { value: "disable", label: "No TLS" },
];

export function ServerFields({ byUrl }: { byUrl: boolean }) {
  return (
    <>
      <Field label="Name" name="name" hint="As people call it: production, eu-west." required>
        <Input name="name" maxLength={100} />
      </Field>
      {byUrl ? <UrlField /> : <AddressFields />}
      <CertificateField />
    </>
  );
}

function UrlField() {
  return (
    <Field
      label="Connection URL"
      name="url"
      hint="Its database is where Caretaker asks the server itself. The password is sealed and never shown again."
      required
    >
      <Input
        name="url"
        mono
        spellCheck={false}
        placeholder="postgres://user:password@host:5432/database?sslmode=verify-full"
      />
    </Field>
  );
}

/** How a server that is changed is reached now. */
export interface Connection {
  host: string;
  port: number;
  username: string;
  maintenanceDatabase: string;
  tlsMode: string;
  tlsCertificate: string | null;
}

export function AddressFields({ server }: { server?: Connection }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Host" name="host" required>
        <Input name="host" mono spellCheck={false} defaultValue={server?.host} />
      </Field>
      <Field label="Port" name="port" required>
        <Input name="port" mono inputMode="numeric" defaultValue={server?.port ?? "5432"} />
      </Field>
      <Field label="User" name="username" required>
        <Input name="username" mono spellCheck={false} defaultValue={server?.username} />
      </Field>
      <Field label="Password" name="password" hint="Sealed, and never shown again.">
        <Input name="password" type="password" autoComplete="new-password" />
      </Field>
      <Field
        label="Database"
        name="database"
        hint="Where Caretaker asks the server itself: any that this user may connect to."
      >
        <Input name="database" mono spellCheck={false} defaultValue={server?.maintenanceDatabase ?? "postgres"} />
      </Field>
      <Field label="Connection" name="tlsMode">
        <Select name="tlsMode" options={tlsOptions} defaultValue={server?.tlsMode} />
      </Field>
    </div>
  );
}

export function CertificateField({ server }: { server?: Connection }) {
  return (
    <details>
      <summary className="cursor-pointer text-muted">Certificate authority</summary>
      <Field
        label="Certificate in PEM"
        name="tlsCertificate"
        hint="Only when a private authority signed the server's certificate."
        optional
      >
        <Textarea
          name="tlsCertificate"
          rows={4}
          mono
          spellCheck={false}
          defaultValue={server?.tlsCertificate ?? undefined}
        />
      </Field>
    </details>
  );
}
