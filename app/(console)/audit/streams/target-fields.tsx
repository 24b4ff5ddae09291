"use client";
import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

/** What each kind of receiver needs. */
export function TargetFields({ kind }: { kind: string }) {
  if (kind === "syslog") {
    return (
      <>
        <Field label="Host" name="host" required>
          <Input name="host" mono placeholder="logs.example.com" />
        </Field>
        <Field label="Port" name="port" hint="6514 for TLS, often 601 or 514 without." required>
          <Input name="port" inputMode="numeric" defaultValue="6514" />
        </Field>
        <Checkbox
          name="tls"
          value="true"
          defaultChecked
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
          <Input name="bucket" mono />
        </Field>
        <Field label="Folder" name="prefix" optional>
          <Input name="prefix" mono placeholder="audit/caretaker" />
        </Field>
        <Field label="Region" name="region" required>
          <Input name="region" mono defaultValue="us-east-1" />
        </Field>
        <Field label="Endpoint" name="endpoint" hint="For servers other than Amazon's." optional>
          <Input name="endpoint" mono placeholder="https://storage.example.com" />
        </Field>
        <Field label="Access key id" name="accessKeyId" required>
          <Input name="accessKeyId" mono />
        </Field>
        <Field label="Secret access key" name="secretAccessKey" hint="Stored sealed, never shown again." required>
          <Input name="secretAccessKey" type="password" autoComplete="off" />
        </Field>
      </>
    );
  }
  return (
    <Field label="Address" name="url" hint="What is sent is posted there and must be answered with 2xx." required>
      <Input name="url" type="url" mono placeholder="https://siem.example.com/caretaker" />
    </Field>
  );
}
