"use client";
import { type KeyboardEvent, useState } from "react";

interface RowKeys {
  length: number;
  /** Enter on a row. */
  open?: (at: number) => void;
  /** x on a row; `range` when shift is held. */
  select?: (at: number, range: boolean) => void;
  /** Any other key on a row; whether it meant something. */
  press?: (key: string, at: number, row: HTMLElement) => boolean;
}

/**
 * One row of focus: j/k and the arrows move it, Home and End go to the ends, Enter opens, x selects, shift for ranges.
 * The table is one tab stop; links and buttons inside a row stay reachable with Tab.
 */
export function useRowKeys({ length, open, select, press }: RowKeys) {
  const [active, setActive] = useState(0);

  function onKeyDown(event: KeyboardEvent<HTMLTableSectionElement>) {
    if (!(event.target instanceof HTMLTableRowElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.min(active, length - 1);
    const next = move(event.key, at, length);
    if (next !== null) {
      event.preventDefault();
      if (event.shiftKey && select) select(next, true);
      setActive(next);
      event.currentTarget.querySelectorAll<HTMLElement>("tr[data-row]")[next]?.focus();
      return;
    }
    if (event.key === "Enter" && open) open(at);
    else if ((event.key === "x" || event.key === "X" || event.key === " ") && select) select(at, event.shiftKey);
    else if (!press?.(event.key, at, event.target)) return;
    event.preventDefault();
  }

  return { active: Math.min(active, Math.max(0, length - 1)), setActive, onKeyDown };
}

function move(key: string, at: number, length: number): number | null {
  switch (key) {
    case "j":
    case "J":
    case "ArrowDown":
      return Math.min(at + 1, length - 1);
    case "k":
    case "K":
    case "ArrowUp":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return length - 1;
    default:
      return null;
  }
}
