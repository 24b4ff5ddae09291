"use client";
import { clsx } from "clsx";
import { Minus, Plus, X } from "lucide-react";
import type { Chip } from "./language.ts";

interface ChipsProps {
  chips: readonly Chip[];
  /** Asks with another text. */
  ask: (text: string) => void;
}

/** The terms of the filter, each of which can be turned round or taken away. */
export function Chips({ chips, ask }: ChipsProps) {
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Terms of the filter" className="flex flex-wrap items-center gap-1.5">
      {chips.map((chip) => (
        <li
          key={chip.without + chip.text}
          className={clsx(
            "inline-flex max-w-full items-center rounded-sm border bg-sunken text-xs",
            chip.negated ? "border-edge border-dashed" : "border-line",
          )}
        >
          <button
            type="button"
            onClick={() => ask(chip.turned)}
            title={chip.negated ? "Take in" : "Leave out"}
            className="inline-flex size-6 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-ink"
          >
            {chip.negated ? (
              <Minus aria-hidden="true" className="size-3" />
            ) : (
              <Plus aria-hidden="true" className="size-3" />
            )}
            <span className="sr-only">{chip.negated ? `Take in ${chip.text}` : `Leave out ${chip.text}`}</span>
          </button>
          <span className="truncate font-mono">
            {chip.negated ? <span className="sr-only">not </span> : null}
            {chip.text}
          </span>
          <button
            type="button"
            onClick={() => ask(chip.without)}
            title="Remove"
            className="inline-flex size-6 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-ink"
          >
            <X aria-hidden="true" className="size-3" />
            <span className="sr-only">Remove {chip.text}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
