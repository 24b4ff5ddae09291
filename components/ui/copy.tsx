"use client";
import { clsx } from "clsx";
import { Check, Copy as CopyIcon } from "lucide-react";
import { useEffect, useState } from "react";

interface CopyProps {
  /** What is copied, whole. */
  text: string;
  /** What the button says, where the text itself is not shown. */
  label?: string;
  /** Characters shown before the middle is left out; 0 shows everything. */
  keep?: number;
  /** What it is, for the button's name: "Copy tenant id". */
  what?: string;
  /** Shows the button alone. */
  bare?: boolean;
}

/** An id or a value in mono, its middle left out when long, with a button that copies the whole. */
export function Copy({ text, label, keep = 18, what = "value", bare = false }: CopyProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);

  const hides = !bare && label === undefined;
  return (
    <span className="group/copy inline-flex max-w-full items-center gap-1 align-middle">
      {bare || label !== undefined ? null : (
        <span title={text} className="truncate font-mono">
          {middle(text, keep)}
        </span>
      )}
      <button
        type="button"
        onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
        className={clsx(
          "-my-0.5 inline-flex h-6 min-w-6 shrink-0 items-center justify-center gap-1 rounded hover:bg-hover hover:text-ink",
          label === undefined ? "text-faint" : "px-1.5 text-muted",
          hides && "opacity-0 focus-visible:opacity-100 group-hover/copy:opacity-100 pointer-coarse:opacity-100",
          hides && "[tr:focus-visible_&]:opacity-100",
        )}
      >
        {copied ? (
          <Check aria-hidden="true" className="size-3.5" />
        ) : (
          <CopyIcon aria-hidden="true" className="size-3.5" />
        )}
        {label === undefined ? (
          <span className="sr-only">{copied ? `Copied ${what}` : `Copy ${what} ${middle(text, keep)}`}</span>
        ) : (
          <span aria-live="polite">{copied ? "Copied" : label}</span>
        )}
      </button>
    </span>
  );
}

export function middle(text: string, keep: number): string {
  if (keep === 0 || text.length <= keep) return text;
  const head = Math.ceil((keep - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (keep - 1 - head))}`;
}
