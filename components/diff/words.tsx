import type { WordPart } from "./word-parts.ts";

/** One side of a long text, with the words that only it has marked. `ins` and `del` carry the meaning without colour. */
export function Words({ parts, side }: { parts: readonly WordPart[]; side: "before" | "after" }) {
  let offset = 0;
  const keyed = parts.map((part) => {
    offset += part.value.length;
    return { ...part, key: `${offset}-${part.added ? "+" : part.removed ? "-" : "="}` };
  });
  return (
    <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {keyed.map((part) => {
        if (part.added)
          return side === "after" ? (
            <ins key={part.key} className="rounded-sm bg-good-soft text-good">
              {part.value}
            </ins>
          ) : null;
        if (part.removed)
          return side === "before" ? (
            <del key={part.key} className="rounded-sm bg-critical-soft text-critical">
              {part.value}
            </del>
          ) : null;
        return <span key={part.key}>{part.value}</span>;
      })}
    </span>
  );
}
