"use client";
import { ListFilter } from "lucide-react";
import Link from "next/link";
import { createContext, type ReactNode, use, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";

export interface CellChoice {
  /** The cell as a term of the filter. */
  term: string;
  include: string;
  exclude: string;
}

const Opener = createContext<((button: HTMLElement, choices: CellChoice[]) => void) | null>(null);

/** One panel for all cells of a list: what a cell says, taken into the filter or left out of it. */
export function CellFilters({ children }: { children: ReactNode }) {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const from = useRef<HTMLElement>(null);
  const [choices, setChoices] = useState<CellChoice[]>([]);

  function open(button: HTMLElement, offered: CellChoice[]) {
    const opened = panel.current;
    if (!opened) return;
    flushSync(() => setChoices(offered));
    from.current = button;
    opened.showPopover();
    const at = button.getBoundingClientRect();
    opened.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - opened.offsetWidth - 8))}px`;
    const below = at.bottom + 4;
    opened.style.top = `${below + opened.offsetHeight > window.innerHeight ? Math.max(8, at.top - opened.offsetHeight - 4) : below}px`;
    opened.querySelector<HTMLElement>("a")?.focus();
  }

  return (
    <Opener value={open}>
      {children}
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="toolbar"
        aria-orientation="vertical"
        aria-label="Filter by this"
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
          if (step === undefined) return;
          const links = [...event.currentTarget.querySelectorAll("a")];
          const at = links.findIndex((link) => link.matches(":focus"));
          links[(at + step + links.length) % links.length]?.focus();
          event.preventDefault();
        }}
        onToggle={(event) => event.newState === "closed" && from.current?.focus()}
        className="fixed max-h-[70vh] min-w-52 max-w-[calc(100vw-16px)] overflow-y-auto rounded border border-line bg-surface p-1 shadow-float"
      >
        {choices.map((choice) => (
          <div key={choice.term}>
            <p className="truncate px-2 pt-1.5 font-mono text-faint text-xs">{choice.term}</p>
            {(["include", "exclude"] as const).map((which) => (
              <Link
                key={which}
                href={choice[which]}
                prefetch={false}
                onClick={() => panel.current?.hidePopover()}
                aria-label={`${which === "include" ? "Only" : "Leave out"} ${choice.term}`}
                className="flex min-h-7 items-center rounded-sm px-2 hover:bg-hover"
              >
                {which === "include" ? "Only this" : "Leave this out"}
              </Link>
            ))}
          </div>
        ))}
      </div>
    </Opener>
  );
}

/** Opens the panel for some choices; for a key on a row as well. */
export function useCellFilter(): (button: HTMLElement, choices: CellChoice[]) => void {
  const open = use(Opener);
  if (open === null) throw new Error("A cell's filter needs CellFilters around its list.");
  return open;
}

/** A cell with a button to filter by it, which shows on hover and focus. */
export function FilterCell({ choice, children }: { choice: CellChoice | null; children: ReactNode }) {
  const open = useCellFilter();
  if (choice === null) return children;
  return (
    <span className="group/cell inline-flex max-w-full items-center gap-0.5 align-middle">
      <span className="min-w-0 truncate">{children}</span>
      <button
        type="button"
        title="Filter by this"
        tabIndex={-1}
        onClick={(event) => open(event.currentTarget, [choice])}
        className="-my-0.5 inline-flex size-6 shrink-0 items-center justify-center rounded text-faint opacity-0 hover:bg-hover hover:text-ink focus-visible:opacity-100 group-hover/cell:opacity-100 pointer-coarse:opacity-100"
      >
        <ListFilter aria-hidden="true" className="size-3.5" />
        <span className="sr-only">Filter by {choice.term}</span>
      </button>
    </span>
  );
}
