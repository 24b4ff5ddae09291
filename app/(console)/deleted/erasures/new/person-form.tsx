"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import { ActionForm } from "#components/ui/action-form.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input, Textarea } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { SearchablePlace } from "#db/records/erasure/places.ts";
import { findPerson } from "../actions.ts";

interface PersonFormProps {
  places: SearchablePlace[];
  bases: string[];
  given: { database: string; schema: string; table: string; record: string };
}

export function PersonForm({ places, bases, given }: PersonFormProps) {
  const router = useRouter();
  const [database, setDatabase] = useState(places.some(({ id }) => id === given.database) ? given.database : "");
  const place = places.find(({ id }) => id === database) ?? places[0];
  return (
    <ActionForm
      action={findPerson}
      submit="Search"
      className="grid max-w-[70ch] gap-4"
      onDone={({ erasure }) => router.push(`/deleted/erasures/${erasure}`)}
    >
      <Field label="Database" name="database">
        <Select
          name="database"
          value={place?.id ?? ""}
          options={places.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(event) => setDatabase(event.target.value)}
        />
      </Field>
      {place ? <Confirmed place={place} /> : null}
      <Section title="The person's row" answer="It may be gone already: the log still knows it.">
        <div key={place?.id} className="grid gap-4 sm:grid-cols-3">
          <Field label="Schema" name="schema">
            <Input name="schema" mono defaultValue={given.schema || place?.people?.schema || "public"} />
          </Field>
          <Field label="Table" name="table">
            <Input name="table" mono defaultValue={given.table || place?.people?.table || ""} />
          </Field>
          <Field label="Key" name="record">
            <Input name="record" mono defaultValue={given.record} />
          </Field>
        </div>
      </Section>
      <Section
        title="Words that name them"
        answer="One a line: an address, a phone number, a full name. Addresses and numbers that stand in the person's row are looked for by themselves."
      >
        <Field label="Words" name="terms" optional>
          <Textarea name="terms" rows={3} />
        </Field>
      </Section>
      <Section title="Where else to look" answer="Columns as schema.table.column, one a line.">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Free text to search for the words" name="search" optional>
            <Textarea name="search" mono rows={3} placeholder="public.posts.body" />
          </Field>
          <Field
            label="More columns with personal values"
            name="columns"
            hint="Besides those that are confirmed under Coverage."
            optional
          >
            <Textarea name="columns" mono rows={3} placeholder="public.users.nickname" />
          </Field>
        </div>
      </Section>
      <Field label="Legal basis" name="basis" hint="It stands on the certificate.">
        <Select name="basis" options={bases.map((basis) => ({ value: basis, label: basis }))} />
      </Field>
    </ActionForm>
  );
}

function Confirmed({ place: { id, confirmed } }: { place: SearchablePlace }) {
  return (
    <p className="text-muted">
      {confirmed === 0 ? (
        <Status kind="warning">No column of this database is confirmed as personal yet.</Status>
      ) : (
        `${counted(confirmed, "column")} of this database ${confirmed === 1 ? "is" : "are"} confirmed as personal.`
      )}{" "}
      <Link href={`/audit/coverage?database=${id}`} className="text-accent">
        Coverage
      </Link>
    </p>
  );
}
