import { Section } from "#components/page/section.tsx";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { choiceParam } from "./choices.ts";

const words = { null: "Leave it empty (NULL)", skip: "Leave it out (the default)" } as const;

/** One choice for each field that cannot come back as it was. The choices are part of the address, and so of the plan. */
export function ChoiceForm({ plan }: { plan: RestorePlan }) {
  const choosable = new Map<string, Set<"null" | "skip">>();
  for (const { columns, choices } of plan.problems) {
    for (const column of choices.length > 0 ? columns : []) {
      choosable.set(column, new Set([...(choosable.get(column) ?? []), ...choices]));
    }
  }
  if (choosable.size === 0) return null;
  const target =
    plan.kind === "hard" ? [] : Object.entries({ schema: plan.schema, table: plan.table, record: plan.record ?? "" });
  return (
    <Section
      title="Choices"
      answer="What a field gets that cannot come back as it was. Everything else comes back unchanged."
    >
      <form action="/deleted/restore" className="grid max-w-3xl gap-3">
        <input type="hidden" name="database" value={plan.database} />
        {plan.entry === null ? null : <input type="hidden" name="entry" value={plan.entry} />}
        {target.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div className="grid gap-3 sm:grid-cols-2">
          {[...choosable].map(([column, choices]) => (
            <Field key={column} label={<span className="font-mono">{column}</span>}>
              <Select
                name={choiceParam(column)}
                defaultValue={plan.choices[column] ?? ""}
                options={[
                  { value: "", label: "As it was" },
                  ...[...choices].map((choice) => ({ value: choice, label: words[choice] })),
                ]}
              />
            </Field>
          ))}
        </div>
        <div>
          <Button type="submit">Plan with these choices</Button>
        </div>
      </form>
    </Section>
  );
}
