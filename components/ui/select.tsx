"use client";
import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { useFieldProps } from "./field.tsx";
import { controlClass } from "./input.tsx";

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

/** The platform's own select: every keyboard, phone and screen reader knows it. */
export function Select({ className, options, ...rest }: { options: Option[] } & ComponentProps<"select">) {
  return (
    <span className={clsx("relative inline-flex w-full", className)}>
      <select
        {...useFieldProps()}
        className={clsx(controlClass, "h-(--control) appearance-none truncate pr-7 pl-2")}
        {...rest}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-faint"
      />
    </span>
  );
}
