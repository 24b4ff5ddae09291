import Form from "next/form";
import { Section } from "#components/page/section.tsx";
import { stamp } from "#components/time/stamp.ts";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import type { HistoryEntry } from "#db/audit/contract.ts";

interface VersionsProps {
  /** What the address says besides the versions: the record. */
  address: Record<string, string>;
  entries: readonly HistoryEntry[];
  asked: { a: string | undefined; b: string | undefined; at: string | undefined };
}

/** Asks for two versions beside each other, or for the record at a time. The address holds the question. */
export function Versions({ address, entries, asked }: VersionsProps) {
  const options = entries.map(({ id, at, sentence }) => ({ value: id, label: `${stamp(at, "UTC")}: ${sentence}` }));
  const newest = options[0]?.value ?? "";
  return (
    <Section title="Compare and look back">
      <div className="flex flex-wrap items-end gap-x-8 gap-y-3" data-chrome="">
        {options.length > 1 ? (
          <Form action="/audit/record" className="flex min-w-0 flex-wrap items-end gap-2">
            <Hidden values={address} />
            <div className="w-64 max-w-full">
              <Field label="One version">
                <Select name="a" options={options} defaultValue={asked.a ?? options[1]?.value ?? newest} />
              </Field>
            </div>
            <div className="w-64 max-w-full">
              <Field label="Another version">
                <Select name="b" options={options} defaultValue={asked.b ?? newest} />
              </Field>
            </div>
            <Button type="submit">Compare them</Button>
          </Form>
        ) : null}
        <Form action="/audit/record" className="flex flex-wrap items-end gap-2">
          <Hidden values={address} />
          <div className="w-56 max-w-full">
            <Field label="At this time (UTC)">
              <Input name="at" type="datetime-local" step={1} defaultValue={asked.at} required />
            </Field>
          </div>
          <Button type="submit">Show the record then</Button>
        </Form>
      </div>
    </Section>
  );
}

function Hidden({ values }: { values: Record<string, string> }) {
  return Object.entries(values).map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />);
}
