"use client";
import { createContext, type ReactNode, useContext, useId } from "react";

interface FieldLink {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const FieldContext = createContext<FieldLink | null>(null);

/** The refused fields of the form around it, by name; given by ActionForm and DangerDialog. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

/** What an input needs to belong to the Field around it. */
export function useFieldProps() {
  const field = useContext(FieldContext);
  if (!field) return {};
  return {
    id: field.id,
    "aria-describedby": field.describedBy,
    "aria-invalid": field.invalid || undefined,
    required: field.required || undefined,
  };
}

interface FieldProps {
  label: ReactNode;
  /** The input's name, so that the server's refusal of this field shows here. */
  name?: string;
  hint?: ReactNode;
  error?: string;
  required?: boolean;
  /** Says so beside the label. */
  optional?: boolean;
  children: ReactNode;
}

/** A label, one input, its hint and its error, tied together for everybody. */
export function Field({ label, name, hint, error, required = false, optional = false, children }: FieldProps) {
  const id = useId();
  const refused = useContext(FieldErrors);
  const fault = error ?? (name ? refused[name] : undefined);
  const described = [hint ? `${id}-hint` : "", fault ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
        {optional ? <span className="ml-1 font-normal text-faint text-xs">optional</span> : null}
      </label>
      <FieldContext value={{ id, describedBy: described || undefined, invalid: Boolean(fault), required }}>
        {children}
      </FieldContext>
      {hint ? (
        <p id={`${id}-hint`} className="text-faint text-xs">
          {hint}
        </p>
      ) : null}
      {fault ? (
        <p id={`${id}-error`} className="text-critical text-xs">
          <span aria-hidden="true">■ </span>
          {fault}
        </p>
      ) : null}
    </div>
  );
}
