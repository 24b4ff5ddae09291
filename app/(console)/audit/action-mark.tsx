import { clsx } from "clsx";

const marks: Record<string, { glyph: string; ink: string; word: string }> = {
  create: { glyph: "+", ink: "text-good", word: "created" },
  update: { glyph: "~", ink: "text-change", word: "changed" },
  delete: { glyph: "−", ink: "text-critical", word: "deleted" },
  truncate: { glyph: "−", ink: "text-critical", word: "emptied" },
};

/** What an entry is, by glyph and colour; the sentence beside it says it in words. */
export function ActionMark({ action }: { action: string }) {
  const mark = marks[action] ?? { glyph: "·", ink: "text-faint", word: action };
  return (
    <span className={clsx("mr-1.5 inline-block w-3 shrink-0 text-center font-mono font-semibold", mark.ink)}>
      <span aria-hidden="true">{mark.glyph}</span>
      <span className="sr-only">{mark.word}: </span>
    </span>
  );
}
