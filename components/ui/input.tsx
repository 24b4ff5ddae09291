"use client";
import { clsx } from "clsx";
import type { ComponentProps } from "react";
import { useFieldProps } from "./field.tsx";

export const controlClass = clsx(
  "w-full min-w-0 rounded border border-edge bg-surface text-ink placeholder:text-faint",
  "aria-invalid:border-critical disabled:bg-sunken disabled:text-faint",
);

interface Mono {
  /** For ids, SQL and values. */
  mono?: boolean;
}

export function Input({ className, mono, ...rest }: Mono & ComponentProps<"input">) {
  return (
    <input
      {...useFieldProps()}
      autoComplete="off"
      className={clsx(controlClass, "h-(--control) px-2", mono && "font-mono", className)}
      {...rest}
    />
  );
}

export function Textarea({ className, mono, rows = 3, ...rest }: Mono & ComponentProps<"textarea">) {
  return (
    <textarea
      {...useFieldProps()}
      rows={rows}
      className={clsx(controlClass, "px-2 py-1", mono && "font-mono", className)}
      {...rest}
    />
  );
}
