import { Search } from "lucide-react";
import Form from "next/form";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

/** One question in one box. The address holds it, so that an answer can be sent to somebody. */
export function WhoForm({ text, scope }: { text: string; scope: Record<string, string | undefined> }) {
  return (
    <search>
      <Form action="/audit/who" className="flex max-w-[70ch] items-end gap-2">
        {Object.entries(scope).map(([name, value]) =>
          value === undefined ? null : <input key={name} type="hidden" name={name} value={value} />,
        )}
        <div className="min-w-0 grow">
          <Field label="What is gone" name="q">
            <Input key={text} name="q" type="search" defaultValue={text} maxLength={400} mono autoFocus={text === ""} />
          </Field>
        </div>
        <Button type="submit" look="primary">
          <Search aria-hidden="true" />
          Find who deleted it
        </Button>
      </Form>
    </search>
  );
}
