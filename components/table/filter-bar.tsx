"use client";
import { clsx } from "clsx";
import { ListFilter, X } from "lucide-react";
import { debounce, parseAsString, useQueryStates } from "nuqs";
import { type FormEvent, type ReactNode, useId, useMemo, useState, useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { Input } from "#components/ui/input.tsx";
import { type Option, Select } from "#components/ui/select.tsx";

export interface FilterField {
  /** The query parameter. */
  name: string;
  label: string;
  kind: "text" | "select" | "date" | "moment";
  /** For a select; the first should have the empty value: "Any status". */
  options?: Option[];
  placeholder?: string;
  mono?: boolean;
  /** A Tailwind width where the kind's own does not fit. */
  width?: string;
}

interface FilterBarProps {
  fields: readonly FilterField[];
  /** At the right: saved views, export. */
  aside?: ReactNode;
}

const widths: Record<FilterField["kind"], string> = { text: "w-52", select: "w-40", date: "w-36", moment: "w-48" };

/** The filters of a list. The URL holds them: typing replaces the entry of the history, choosing adds one. */
export function FilterBar({ fields, aside }: FilterBarProps) {
  const [pending, startTransition] = useTransition();
  const parsers = useMemo(
    () => Object.fromEntries(fields.map((field) => [field.name, parseAsString.withDefault("")])),
    [fields],
  );
  const [values, setValues] = useQueryStates(parsers, { shallow: false, startTransition });
  const [unfolded, setUnfolded] = useState(false);
  const active = fields.filter((field) => values[field.name]);

  function type(name: string, value: string) {
    void setValues({ [name]: value || null }, { history: "replace", limitUrlUpdates: debounce(300) });
  }

  function choose(name: string, value: string) {
    void setValues({ [name]: value || null }, { history: "push" });
  }

  return (
    <search className="flex flex-wrap items-end gap-x-3 gap-y-2">
      <form aria-busy={pending} onSubmit={(event: FormEvent) => event.preventDefault()} className="contents">
        {fields.map((field, at) => (
          <FilterInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            folded={fields.length > 2 && at > 0 && !unfolded}
            type={type}
            choose={choose}
          />
        ))}
        {fields.length > 2 ? (
          <Button look="ghost" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)} className="sm:hidden">
            <ListFilter aria-hidden="true" />
            {unfolded ? "Fewer filters" : "More filters"}
          </Button>
        ) : null}
        {active.length > 0 ? (
          <Button look="ghost" onClick={() => void setValues(null, { history: "push" })}>
            <X aria-hidden="true" />
            Clear {active.length === 1 ? "filter" : `${active.length} filters`}
          </Button>
        ) : null}
        <span role="status" className="text-faint text-xs">
          {pending ? <span className="breathes">Looking…</span> : null}
        </span>
      </form>
      {/* Outside of the form, since what stands there may have forms of its own. */}
      {aside ? <div className="ml-auto flex flex-wrap items-end gap-2">{aside}</div> : null}
    </search>
  );
}

interface FilterInputProps {
  field: FilterField;
  value: string;
  /** Out of the way on a narrow screen, unless it is set. */
  folded: boolean;
  type: (name: string, value: string) => void;
  choose: (name: string, value: string) => void;
}

function FilterInput({ field, value, folded, type, choose }: FilterInputProps) {
  const id = useId();
  const shared = { id, name: field.name, value };
  return (
    <div
      className={clsx(
        "grid gap-0.5",
        field.kind === "text" ? "max-sm:w-full" : "max-sm:w-[calc(50%-6px)]",
        folded && !value && "max-sm:hidden",
        field.width ?? widths[field.kind],
      )}
    >
      <label htmlFor={id} className="text-faint text-xs">
        {field.label}
      </label>
      {field.kind === "select" ? (
        <Select
          {...shared}
          options={field.options ?? []}
          onChange={(event) => choose(field.name, event.target.value)}
        />
      ) : (
        <Input
          {...shared}
          type={field.kind === "text" ? "search" : field.kind === "date" ? "date" : "datetime-local"}
          mono={field.mono}
          placeholder={field.placeholder}
          onChange={(event) => type(field.name, event.target.value)}
        />
      )}
    </div>
  );
}
