/** What cannot be read, pointing at the character at which it stops making sense. */
export function Problem({ id, text, message, at }: { id: string; text: string; message: string; at: number }) {
  const from = Math.max(0, at - 40);
  const before = `${from > 0 ? "…" : ""}${text.slice(from, at)}`;
  const mark = text.slice(at, at + 1) || " ";
  return (
    <div id={id} role="alert" className="grid gap-0.5 text-xs">
      <p className="text-critical">
        <span aria-hidden="true">▲ </span>
        Character {at + 1}: {message}
      </p>
      <p aria-hidden="true" className="overflow-x-auto whitespace-pre font-mono text-muted">
        {before}
        <mark className="bg-transparent text-critical underline decoration-2 underline-offset-4">{mark}</mark>
        {text.slice(at + 1, at + 41)}
      </p>
    </div>
  );
}
