import { Copy } from "./copy.tsx";

/** SQL, a command or a value as it is, with its copy button. */
export function Code({ text, what = "statement" }: { text: string; what?: string }) {
  return (
    <div className="relative rounded bg-sunken">
      <pre className="overflow-x-auto whitespace-pre-wrap px-3 py-2 pr-10 text-xs [overflow-wrap:anywhere]">{text}</pre>
      <span className="absolute top-1 right-1">
        <Copy text={text} what={what} bare />
      </span>
    </div>
  );
}
