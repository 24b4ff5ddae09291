"use client";
import { useState } from "react";
import { MomentInput } from "#components/time/moment-input.tsx";
import { Field } from "#components/ui/field.tsx";
import { Select } from "#components/ui/select.tsx";
import type { MoveRow } from "#db/moves/contract.ts";

/** When to cut over, and the time where it is at one. */
export function CutoverField({ value }: { value: MoveRow["cutover"] }) {
  const [cutover, setCutover] = useState<string>(value);
  return (
    <>
      <Field label="Cut over" name="cutover" hint="Only when both places were compared and hold the same rows.">
        <Select
          name="cutover"
          value={cutover}
          onChange={(event) => setCutover(event.target.value)}
          options={[
            { value: "asked", label: "When somebody asks" },
            { value: "ready", label: "As soon as it is ready" },
            { value: "at", label: "At a time" },
          ]}
        />
      </Field>
      {cutover === "at" ? <MomentInput label="Time" name="cutoverAt" /> : null}
    </>
  );
}
