import { count } from "#components/numbers/format.ts";

/** Characters of a value that are shown; it may have a million. */
const shownMax = 20_000;

/** A value as it is. null, an empty text and an absent field look different and say what they are. */
export function Value({ value, masked = false }: { value: unknown; masked?: boolean }) {
  if (value === undefined) return <Word>absent</Word>;
  if (value === null) return <Word>null</Word>;
  if (value === "") return <Word>empty text</Word>;
  if (masked || isMasked(value)) return <Masked value={value} />;
  const text = valueText(value);
  return (
    <>
      <span className="whitespace-pre-wrap font-mono [overflow-wrap:anywhere]">{text.slice(0, shownMax)}</span>
      {text.length > shownMax ? <Word>and {count(text.length - shownMax)} more characters</Word> : null}
    </>
  );
}

export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, typeof value === "object" ? 2 : 0) ?? "";
}

function isMasked(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("masked:");
}

function Word({ children }: { children: React.ReactNode }) {
  return <span className="rounded-sm border border-edge border-dashed px-1 text-faint text-xs">{children}</span>;
}

/** The keyed hash shows whether two values are equal, and nothing else about them. */
function Masked({ value }: { value: unknown }) {
  const hash = isMasked(value) ? value.slice("masked:".length, "masked:".length + 8) : "";
  return (
    <span className="inline-flex items-center gap-1.5 text-muted">
      <span aria-hidden="true">••••</span>
      <span className="text-xs">masked</span>
      {hash ? <span className="font-mono text-faint text-xs">{hash}</span> : null}
    </span>
  );
}
