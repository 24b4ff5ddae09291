"use client";
import { useState } from "react";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";

interface FilterFieldProps {
  /** The filter as search params of the audit page, and the same as text in the language. */
  query: string;
  text: string;
}

/** As the audit page's address has it; what it says is read where it is sent. */
function queryOf(q: string): string {
  return q === "" ? "" : new URLSearchParams({ q }).toString();
}

/** What a stream sends, in the language of the audit page. What nobody touched is sent as it was. */
export function FilterField({ query, text }: FilterFieldProps) {
  const [typed, setTyped] = useState(text);
  return (
    <>
      <input type="hidden" name="query" value={typed === text ? query : queryOf(typed.trim())} />
      <Field label="Filter" hint="As on the audit page; the whole log without one." optional>
        <Input
          value={typed}
          mono
          placeholder="action:delete table:payments"
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
    </>
  );
}
