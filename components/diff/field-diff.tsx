import { clsx } from "clsx";
import { counted } from "#components/numbers/format.ts";
import { CopyDiff } from "./copy-diff.tsx";
import { type FieldChange, fieldChanges, isObject, pathChanges } from "./fields.ts";
import { Value } from "./value.tsx";
import { comparedByWords, Words } from "./words.tsx";

type Row = Readonly<Record<string, unknown>>;

interface FieldDiffProps {
  before: Row | null;
  after: Row | null;
  /** Columns whose values are stored as keyed hashes. */
  masked?: readonly string[];
  /** What the row is, for the copied formats: "public.orders 42". */
  subject?: string;
}

/** Field, before, after. Only what changed; the rest is folded with its count. */
export function FieldDiff({ before, after, masked = [], subject = "row" }: FieldDiffProps) {
  const changes = fieldChanges(before, after);
  const changed = changes.filter((change) => change.kind !== "same");
  const same = changes.filter((change) => change.kind === "same");
  const sides = { before: before !== null, after: after !== null };
  return (
    <div className="grid gap-2">
      {changed.length === 0 ? (
        <p className="text-muted">No field differs.</p>
      ) : (
        <DiffTable changes={changed.flatMap(unfold)} masked={masked} sides={sides} />
      )}
      <div className="flex flex-wrap items-center justify-between gap-2">
        {same.length > 0 ? (
          <details className="min-w-0 grow">
            <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">
              {counted(same.length, "field")} unchanged
            </summary>
            <DiffTable changes={same} masked={masked} sides={sides} />
          </details>
        ) : (
          <span />
        )}
        <CopyDiff changes={changed} subject={subject} />
      </div>
    </div>
  );
}

/** A JSON field becomes one line for each path that differs. */
function unfold(change: FieldChange): FieldChange[] {
  const { before, after } = change;
  if (change.kind !== "changed") return [change];
  const nested = (isObject(before) && isObject(after)) || (Array.isArray(before) && Array.isArray(after));
  return nested ? pathChanges(before, after, change.field) : [change];
}

interface DiffTableProps {
  changes: FieldChange[];
  masked: readonly string[];
  sides: { before: boolean; after: boolean };
}

function DiffTable({ changes, masked, sides }: DiffTableProps) {
  return (
    <table className="w-full table-fixed border-collapse text-start">
      <thead>
        <tr className="border-line border-b text-faint text-xs">
          <th scope="col" className="w-[28%] py-1 pr-3 text-start font-medium sm:w-56">
            Field
          </th>
          {sides.before ? <Heading>Before</Heading> : null}
          {sides.after ? <Heading>After</Heading> : null}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.field} className="border-line border-b align-top">
            <th scope="row" className="py-1.5 pr-3 text-start font-normal">
              <Mark kind={change.kind} />
              <span className="font-mono [overflow-wrap:anywhere]">{change.field}</span>
            </th>
            {sides.before ? <Side change={change} side="before" masked={masked} /> : null}
            {sides.after ? <Side change={change} side="after" masked={masked} /> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heading({ children }: { children: string }) {
  return (
    <th scope="col" className="py-1 pr-3 text-start font-medium">
      {children}
    </th>
  );
}

const marks = {
  created: { glyph: "+", ink: "text-good" },
  changed: { glyph: "~", ink: "text-change" },
  deleted: { glyph: "−", ink: "text-critical" },
  same: { glyph: "=", ink: "text-faint" },
} as const;

function Mark({ kind }: { kind: FieldChange["kind"] }) {
  const mark = marks[kind];
  return (
    <span className={clsx("mr-1.5 inline-block w-3 text-center font-mono font-semibold", mark.ink)}>
      <span aria-hidden="true">{mark.glyph}</span>
      <span className="sr-only">{kind}: </span>
    </span>
  );
}

function Side({ change, side, masked }: { change: FieldChange; side: "before" | "after"; masked: readonly string[] }) {
  const { before, after, kind } = change;
  const changedTint = side === "before" ? "bg-critical-soft" : "bg-good-soft";
  const byWords = kind === "changed" && comparedByWords(before, after);
  return (
    <td className="py-1.5 pr-3">
      <span className={clsx("inline-block max-w-full rounded-sm px-1", kind === "changed" && !byWords && changedTint)}>
        {byWords ? (
          <Words before={before} after={String(after)} side={side} />
        ) : (
          <Value value={change[side]} masked={masked.includes(change.field)} />
        )}
      </span>
    </td>
  );
}
