import type { Part } from "#db/audit/story-sentence.ts";

/** A story's sentence, with who and how much standing out by weight. */
export function Sentence({ parts }: { parts: readonly Part[] }) {
  let offset = 0;
  return (
    <>
      {parts.map(({ kind, text }) => {
        offset += text.length;
        return kind === "word" ? (
          <span key={offset}>{text}</span>
        ) : (
          <b key={offset} className="font-semibold">
            {text}
          </b>
        );
      })}
    </>
  );
}
