import { clsx } from "clsx";
import type { Suggested, Suggestion } from "./language.ts";

interface SuggestionListProps {
  /** Of the box; the list is `id`-list and its options `id`-0, `id`-1 … */
  id: string;
  suggested: Suggested;
  active: number;
  take: (suggestion: Suggestion) => void;
}

/** What may stand at the caret, below the box, and what is missing from it: said in a place that is there before, so that it is read out. */
export function SuggestionList({ id, suggested: { list, missing }, active, take }: SuggestionListProps) {
  return (
    <div
      className={clsx(
        "absolute top-full left-0 z-30 mt-1 w-full max-w-xl",
        (list.length > 0 || missing) && "rounded border border-line bg-surface p-1 shadow-float",
      )}
    >
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        className={clsx("max-h-80 overflow-y-auto", list.length === 0 && "hidden")}
      >
        {list.map((one, at) => (
          <div
            key={`${one.insert} ${one.label}`}
            id={`${id}-${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === active}
            onPointerDown={(event) => {
              event.preventDefault();
              take(one);
            }}
            className={clsx(
              "flex min-h-7 cursor-pointer items-center gap-3 rounded-sm px-2 hover:bg-hover",
              at === active && "bg-hover",
            )}
          >
            <span className="truncate font-mono">{one.label}</span>
            {one.note ? <span className="ml-auto shrink-0 text-faint text-xs">{one.note}</span> : null}
          </div>
        ))}
      </div>
      <p role="status" className="px-2 py-1 text-warning text-xs empty:p-0">
        {missing ? `▲ ${missing}` : null}
      </p>
    </div>
  );
}
