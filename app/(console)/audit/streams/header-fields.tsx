import { Checkbox } from "#components/ui/checkbox.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/input.tsx";

/** What a webhook's receiver asks for beside our signature; `set` are the names of those that are sent already. */
export function HeaderFields({ set = [] }: { set?: readonly string[] }) {
  const kept =
    set.length > 0
      ? ` Sent now: ${set.join(", ")}. What you write replaces all of them; left empty, they are kept, for this scheme, host and port alone.`
      : "";
  return (
    <>
      <Field label="Headers" name="headers" hint={`One a line. Stored sealed, never shown again.${kept}`} optional>
        <Textarea name="headers" mono placeholder="Authorization: Bearer …" autoComplete="off" spellCheck={false} />
      </Field>
      {set.length > 0 ? <Checkbox name="noHeaders" value="true" label="Send no header of its own any more" /> : null}
    </>
  );
}
