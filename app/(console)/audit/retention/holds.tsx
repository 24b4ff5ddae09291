import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { DialogButton } from "#components/ui/dialog-button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { type Option, Select } from "#components/ui/select.tsx";
import type { LegalHold } from "#db/audit/retention/contract.ts";
import { releaseHash } from "#db/audit/retention/holds.ts";
import { placeHold, releaseHold } from "./actions.ts";
import { scopeWords } from "./words.ts";

const columns = [
  { label: "Hold" },
  { label: "State", width: "w-32" },
  { label: "Keeps" },
  { label: "Reason" },
  { label: "Placed", width: "w-44" },
  { label: "Actions", hidden: true, width: "w-40" },
];

const kinds: Option[] = [
  { value: "tenant", label: "A tenant" },
  { value: "record", label: "A record" },
  { value: "person", label: "A person" },
  { value: "filter", label: "Rows with certain values" },
  { value: "table", label: "A table" },
  { value: "everything", label: "Everything" },
];

export function HoldList({ holds, mayManage }: { holds: LegalHold[]; mayManage: boolean }) {
  if (holds.length === 0) {
    return (
      <EmptyState title="Nothing is held">
        A legal hold keeps entries whatever their retention, until two people release it.
      </EmptyState>
    );
  }
  return (
    <Table label="Legal holds">
      <Head columns={columns} />
      <tbody>
        {holds.map((hold) => (
          <HoldRow key={hold.id} hold={hold} mayManage={mayManage} />
        ))}
      </tbody>
    </Table>
  );
}

function HoldRow({ hold, mayManage }: { hold: LegalHold; mayManage: boolean }) {
  const stands = hold.releasedAt === null;
  return (
    <Row>
      <Cell narrow="title">
        <span className="font-medium">{hold.name}</span>
      </Cell>
      <Cell narrow="end">{stands ? <Status kind="good">holds</Status> : <Status kind="neutral">released</Status>}</Cell>
      <Cell narrow="meta">
        {scopeWords(hold)} in {hold.databaseName ?? "every database"}
      </Cell>
      <Cell narrow="meta">{hold.reason}</Cell>
      <Cell>
        {hold.placedBy ?? "the system"} <When at={hold.placedAt} />
      </Cell>
      <Cell align="end">
        {stands && mayManage ? (
          <DangerDialog
            small
            tier="irreversible"
            verb="retention.release_hold"
            subject={hold.name}
            effect="What it keeps may be removed again once it is past its time. A second person must agree."
            fields={{ id: hold.id }}
            planHash={releaseHash(hold)}
            action={releaseHold}
            confirm={`Release ${hold.name}`}
            label="Release"
          />
        ) : null}
      </Cell>
    </Row>
  );
}

/** Nothing is lost by a hold, so one person is enough. */
export function PlaceHold({ databases }: { databases: Option[] }) {
  return (
    <DialogButton
      small
      label="Place a hold"
      title="Place a legal hold"
      description="From now on nothing that it speaks of is removed, whatever the retention says. Releasing it needs two people."
    >
      <ActionForm action={placeHold} submit="Place the hold" doneMessage="The hold stands.">
        <Field label="Name" name="name" hint="Such as the case it is for." required>
          <Input name="name" maxLength={120} />
        </Field>
        <Field label="Keeps" name="kind">
          <Select name="kind" options={kinds} />
        </Field>
        <Field label="Database" name="databaseId">
          <Select name="databaseId" options={[{ value: "", label: "Every database" }, ...databases]} />
        </Field>
        <Field label="Table" name="table" hint="Such as public.orders." optional>
          <Input name="table" mono />
        </Field>
        <Field label="Tenant" name="tenant" hint="Its key, as the application writes it." optional>
          <Input name="tenant" mono />
        </Field>
        <Field label="Record" name="record" hint="Its primary key." optional>
          <Input name="record" mono />
        </Field>
        <Field label="Person" name="person" hint="The key in the table of users." optional>
          <Input name="person" mono />
        </Field>
        <Field label="Values" name="where" hint="One a line, such as status = disputed." optional>
          <Textarea name="where" rows={2} />
        </Field>
        <Field label="Reason" name="reason" required>
          <Textarea name="reason" rows={2} maxLength={500} />
        </Field>
      </ActionForm>
    </DialogButton>
  );
}
