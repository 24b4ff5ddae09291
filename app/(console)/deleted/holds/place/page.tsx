import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import { type HoldKind, holdKinds } from "#db/audit/retention/contract.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { placeHold } from "../actions.ts";
import { kindWords } from "../words.ts";

export const metadata: Metadata = { title: "Place a hold" };

const asked = z.object({
  kind: z.enum(holdKinds).catch("tenant"),
  database: z.string().max(100).optional().catch(undefined),
  table: z.string().max(127).optional().catch(undefined),
  record: z.string().max(400).optional().catch(undefined),
  tenant: z.string().max(400).optional().catch(undefined),
});

/** One form a kind. Other screens lead here with what they know already. */
export default async function PlaceHoldPage({ searchParams }: PageProps<"/deleted/holds/place">) {
  const actor = await pageActor("retention.manage");
  const given = asked.parse(await searchParams);
  const { kind } = given;
  const databases = (await adoptedDatabases(actor)).map(({ id, name }) => ({ value: id, label: name }));
  const one = kind === "person" || kind === "filter";
  const order: HoldKind[] = ["tenant", "record", "person", "filter", "table", "everything"];
  return (
    <Screen
      title="Place a legal hold"
      above={<Link href="/deleted/holds">Legal holds</Link>}
      answer="From now on nothing removes what it keeps. Marking as deleted stays possible. Releasing it takes two people."
      filters={
        <LinkTabs
          label="What the hold keeps"
          tabs={order.map((of) => ({
            href: `/deleted/holds/place?kind=${of}`,
            label: kindWords[of].label,
            current: of === kind,
          }))}
        />
      }
    >
      <ActionForm
        key={kind}
        action={placeHold}
        submit="Place the hold"
        hidden={{ kind }}
        doneMessage="The hold is placed."
        redirectTo="/deleted/holds"
        className="max-w-xl"
      >
        <p className="text-muted">{kindWords[kind].what}</p>
        <Field
          label="Name"
          name="name"
          hint="Such as the case it is for. Whoever is refused a removal reads it."
          required
        >
          <Input name="name" maxLength={120} />
        </Field>
        <Field label="Database" name="databaseId">
          <Select
            name="databaseId"
            defaultValue={given.database ?? ""}
            options={one ? databases : [{ value: "", label: "Every database" }, ...databases]}
          />
        </Field>
        {kind === "record" || kind === "filter" || kind === "table" ? (
          <Field label="Table" name="table" hint="Such as public.orders." required>
            <Input name="table" mono defaultValue={given.table} />
          </Field>
        ) : null}
        {kind === "tenant" || kind === "filter" || kind === "table" ? (
          <Field
            label="Tenant"
            name="tenant"
            hint="Its key, as the application writes it."
            required={kind === "tenant"}
            optional={kind !== "tenant"}
          >
            <Input name="tenant" mono defaultValue={given.tenant} />
          </Field>
        ) : null}
        {kind === "record" ? (
          <Field
            label="Record"
            name="record"
            hint="Its primary key; of several columns as the audit log writes it."
            required
          >
            <Input name="record" mono defaultValue={given.record} />
          </Field>
        ) : null}
        {kind === "person" ? (
          <Field label="Person" name="person" hint="The key in the table of users." required>
            <Input name="person" mono />
          </Field>
        ) : null}
        {kind === "filter" ? (
          <Field
            label="Values"
            name="where"
            hint="One column a line, such as status = disputed; all must hold."
            required
          >
            <Textarea name="where" rows={3} />
          </Field>
        ) : null}
        <Field label="Reason" name="reason" hint="Seen by staff only." required>
          <Textarea name="reason" rows={2} maxLength={500} />
        </Field>
      </ActionForm>
    </Screen>
  );
}
