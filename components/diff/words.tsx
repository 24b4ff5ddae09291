import { diffWordsWithSpace } from "diff";

const longText = 60;

/** True for two texts that are better compared by words than as wholes. */
export function comparedByWords(before: unknown, after: unknown): before is string {
  return (
    typeof before === "string" &&
    typeof after === "string" &&
    before.length + after.length > longText &&
    before.includes(" ")
  );
}

/** One side of a long text, with the words that only it has marked. `ins` and `del` carry the meaning without colour. */
export function Words({ before, after, side }: { before: string; after: string; side: "before" | "after" }) {
  let offset = 0;
  const parts = diffWordsWithSpace(before, after).map((part) => {
    offset += part.value.length;
    return { ...part, key: `${offset}-${part.added ? "+" : part.removed ? "-" : "="}` };
  });
  return (
    <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {parts.map((part) => {
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
