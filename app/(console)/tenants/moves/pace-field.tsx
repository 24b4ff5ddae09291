import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { MovePace } from "#db/moves/pace/contract.ts";

/** Where nobody else works on its servers, a move takes what it can whatever its pace. */
export function PaceField({ value }: { value: MovePace }) {
  return (
    <Field label="Pace" name="pace" hint="Where others work on its servers.">
      <Select
        name="pace"
        defaultValue={value}
        options={[
          { value: "gentle", label: "Gentle: works a fifth of the time at most" },
          { value: "normal", label: "Normal: works half of the time at most" },
          { value: "fast", label: "Fast: held back by replicas only" },
        ]}
      />
    </Field>
  );
}
