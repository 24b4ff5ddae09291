"use client";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

/** What is known of a receiver already, by the fields' names. */
export type GivenTarget = Partial<
  Record<"url" | "host" | "port" | "bucket" | "prefix" | "region" | "endpoint" | "accessKeyId", string>
> & {
  tls?: boolean;
};

interface TargetFieldsProps {
  kind: string;
  /** Its secrets are kept where none is given. */
  given?: GivenTarget | undefined;
}

/** What each kind of receiver needs. */
export function TargetFields({ kind, given }: TargetFieldsProps) {
  if (kind === "syslog") {
    return (
      <>
        <Field label="Host" name="host" required>
          <Input name="host" mono placeholder="logs.example.com" defaultValue={given?.host} />
        </Field>
        <Field label="Port" name="port" hint="6514 for TLS, often 601 or 514 without." required>
          <Input name="port" inputMode="numeric" defaultValue={given?.port ?? "6514"} />
        </Field>
        <Checkbox
          name="tls"
          value="true"
          defaultChecked={given?.tls ?? true}
          label="Encrypt with TLS"
          hint="The receiver's certificate is checked."
        />
      </>
    );
  }
  if (kind === "s3") {
    return (
      <>
        <Field label="Bucket" name="bucket" required>
          <Input name="bucket" mono defaultValue={given?.bucket} />
        </Field>
        <Field label="Folder" name="prefix" optional>
          <Input name="prefix" mono placeholder="audit/caretaker" defaultValue={given?.prefix} />
        </Field>
        <Field label="Region" name="region" required>
          <Input name="region" mono defaultValue={given?.region ?? "us-east-1"} />
        </Field>
        <Field label="Endpoint" name="endpoint" hint="For servers other than Amazon's." optional>
          <Input name="endpoint" mono placeholder="https://storage.example.com" defaultValue={given?.endpoint} />
        </Field>
        <Field label="Access key id" name="accessKeyId" required>
          <Input name="accessKeyId" mono defaultValue={given?.accessKeyId} />
        </Field>
        <Field
          label="Secret access key"
          name="secretAccessKey"
          hint={`Stored sealed, never shown again.${given ? " Left empty, the one of before is kept, for this endpoint and key id alone." : ""}`}
          required={!given}
          optional={given !== undefined}
        >
          <Input name="secretAccessKey" type="password" autoComplete="off" />
        </Field>
      </>
    );
  }
  return (
    <Field label="Address" name="url" hint="What is sent is posted there and must be answered with 2xx." required>
      <Input name="url" type="url" mono placeholder="https://siem.example.com/caretaker" defaultValue={given?.url} />
    </Field>
  );
}
