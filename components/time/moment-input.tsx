"use client";
import { useState } from "react";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { useZone } from "./clock.tsx";
import { instantIn } from "./zoned.ts";

interface MomentInputProps {
  label: string;
  /** Under which the instant is sent, as ISO 8601 in UTC. */
  name: string;
  hint?: string;
}

/** A time as the person's clock shows it. */
export function MomentInput({ label, name, hint }: MomentInputProps) {
  const zone = useZone();
  const [local, setLocal] = useState("");
  return (
    <Field label={`${label} (${zone})`} name={name} hint={hint} required>
      <Input type="datetime-local" value={local} onChange={(event) => setLocal(event.target.value)} />
      <input type="hidden" name={name} value={instantIn(zone, local) ?? ""} />
    </Field>
  );
}
