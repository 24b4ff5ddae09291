"use client";
import { useState } from "react";
import { Status, type StatusKind } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Code } from "#components/ui/code.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { ExportLink } from "#db/audit/export/contract.ts";
import { issueExportLink, revokeExportLink } from "./actions.ts";

const kinds: Record<ExportLink["state"], StatusKind> = { open: "good", expired: "unknown", revoked: "warning" };

const lifetimes = [
  { value: "1", label: "1 hour" },
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "7 days" },
];

interface ExportLinksProps {
  id: string;
  links: ExportLink[];
  /** Whether NDJSON lies beside the file. */
  beside: boolean;
  /** Whether its proof does. */
  proof: boolean;
}

/** Links for people without an account: each ends by itself, can be ended at once, and is followed in the log. */
export function ExportLinks({ id, links, beside, proof }: ExportLinksProps) {
  const [made, setMade] = useState<string | null>(null);
  return (
    <Section
      title="Links"
      answer="A link downloads this export without an account until it ends. Every use is an entry of the log."
    >
      <div className="grid gap-3">
        {links.length > 0 ? <LinkTable links={links} /> : null}
        <div>
          <DialogButton label="Issue link" title="Issue a link" description="Whoever has it can download the export.">
            <ActionForm action={issueExportLink} submit="Issue link" hidden={{ id }} onDone={({ url }) => setMade(url)}>
              <Field label="For whom" name="note" required>
                <Input name="note" maxLength={200} />
              </Field>
              <Field label="Ends after" name="hours">
                <Select name="hours" options={lifetimes} defaultValue="24" />
              </Field>
            </ActionForm>
          </DialogButton>
        </div>
      </div>
      <Dialog
        open={made !== null}
        onClose={() => setMade(null)}
        title="The link"
        description="It is kept as a hash and cannot be shown again; another one can be issued."
      >
        <Code text={made ?? ""} what="link" />
        <p className="mt-2 text-muted">
          The manifest is at the same address with <code>?part=manifest</code>.
          {beside ? (
            <>
              {" "}
              The NDJSON is there with <code>?part=ndjson</code>, its manifest with <code>?part=ndjson-manifest</code>.
            </>
          ) : null}
          {proof ? (
            <>
              {" "}
              The proof is there with <code>?part=proof</code>.
            </>
          ) : null}
        </p>
      </Dialog>
    </Section>
  );
}

function LinkTable({ links }: { links: ExportLink[] }) {
  return (
    <Table label="Links">
      <Head
        columns={[
          { label: "For" },
          { label: "State" },
          { label: "Issued" },
          { label: "Ends" },
          { label: "Act", hidden: true },
        ]}
      />
      <tbody>
        {links.map((link) => (
          <Row key={link.id}>
            <Cell narrow="title">{link.note}</Cell>
            <Cell narrow="end">
              <Status kind={kinds[link.state]}>{link.state}</Status>
            </Cell>
            <Cell>
              <When at={link.issuedAt} /> by {link.issuedBy}
            </Cell>
            <Cell>
              <When at={link.expiresAt} />
            </Cell>
            <Cell>
              {link.state === "open" ? (
                <ActionButton
                  small
                  action={revokeExportLink}
                  input={{ linkId: link.id }}
                  doneMessage="The link is revoked."
                >
                  Revoke
                </ActionButton>
              ) : null}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
