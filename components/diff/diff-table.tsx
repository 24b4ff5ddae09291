import { clsx } from "clsx";
import type { DiffLayout } from "./field-diff.tsx";
import { kindOf } from "./json.ts";
import type { DiffLine } from "./lines.ts";
import { NamedValue, type ValueName } from "./named-value.tsx";
import { Words } from "./words.tsx";

interface DiffTableProps {
  label: string;
  lines: DiffLine[];
  masked: readonly string[];
  layout: DiffLayout;
  still: boolean;
  names: Readonly<Record<string, readonly ValueName[]>>;
  types: Readonly<Record<string, string>>;
  sides: { before: boolean; after: boolean };
}

type Shown = Pick<DiffTableProps, "masked" | "names">;

/** One line a field. Glyphs and words say what happened; colour only repeats it. */
export function DiffTable({ label, lines, layout, still, sides, types, ...shown }: DiffTableProps) {
  const inline = layout === "inline" && sides.before && sides.after;
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse text-start">
      <thead>
        <tr className="border-line border-b text-faint text-xs">
          <th scope="col" className="w-[36%] py-1 pr-3 text-start font-medium sm:w-56">
            Field
          </th>
          {inline ? <Heading>Before and after</Heading> : null}
          {!inline && sides.before ? <Heading>{still ? "Value" : "Before"}</Heading> : null}
          {!inline && sides.after ? <Heading>{still ? "Value" : "After"}</Heading> : null}
        </tr>
      </thead>
      <tbody>
        {lines.map((change) => (
          <tr key={`${change.field} ${change.kind}`} className="border-line border-b align-top">
            <th scope="row" className="py-1.5 pr-3 text-start font-normal">
              <span className="flex">
                {still ? null : <Mark kind={change.kind} />}
                <span className="min-w-0 font-mono [overflow-wrap:anywhere]">{change.field}</span>
              </span>
              <FieldType change={change} type={types[change.field]} indented={!still} />
              {change.tooLarge ? (
                <span className={clsx("block text-muted text-xs", !still && "pl-4.5")}>
                  too large to compare in detail
                </span>
              ) : null}
            </th>
            {inline ? (
              <td className="grid gap-1 py-1.5 pr-3">
                {change.kind === "created" ? null : <Signed change={change} side="before" {...shown} />}
                {change.kind === "deleted" || change.kind === "same" ? null : (
                  <Signed change={change} side="after" {...shown} />
                )}
              </td>
            ) : (
              (["before", "after"] as const).map((side) =>
                sides[side] ? (
                  <td key={side} className="py-1.5 pr-3">
                    <Side change={change} side={side} {...shown} />
                  </td>
                ) : null,
              )
            )}
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

/** The column's type; inside JSON the kinds of the two values, where these differ. */
function FieldType({ change, type, indented }: { change: DiffLine; type: string | undefined; indented: boolean }) {
  const [from, to] = [kindOf(change.before), kindOf(change.after)];
  const turned = change.kind === "changed" && from !== to && from !== "null" && to !== "null";
  const text = turned ? `${from} → ${to}` : type;
  return text === undefined ? null : (
    <span className={clsx("block text-faint text-xs", indented && "pl-4.5")}>{text}</span>
  );
}

const marks = {
  created: { glyph: "+", ink: "text-good" },
  changed: { glyph: "~", ink: "text-change" },
  deleted: { glyph: "−", ink: "text-critical" },
  moved: { glyph: "↕", ink: "text-change" },
  same: { glyph: "=", ink: "text-faint" },
} as const;

function Mark({ kind }: { kind: DiffLine["kind"] }) {
  const mark = marks[kind];
  return (
    <span className={clsx("mr-1.5 inline-block w-3 shrink-0 text-center font-mono font-semibold", mark.ink)}>
      <span aria-hidden="true">{mark.glyph}</span>
      <span className="sr-only">{kind}: </span>
    </span>
  );
}

interface SideProps extends Shown {
  change: DiffLine;
  side: "before" | "after";
}

/** One side under the other: the sign in front says which it is. */
function Signed(props: SideProps) {
  const before = props.side === "before";
  if (props.change.kind === "same" || props.change.kind === "moved") return <Side {...props} />;
  return (
    <span className="flex items-baseline gap-2">
      <span className={clsx("font-mono font-semibold", before ? "text-critical" : "text-good")}>
        <span aria-hidden="true">{before ? "−" : "+"}</span>
        <span className="sr-only">{before ? "before: " : "after: "}</span>
      </span>
      <Side {...props} />
    </span>
  );
}

function Side({ change, side, masked, names }: SideProps) {
  const { kind, field, words } = change;
  const changedTint = side === "before" ? "bg-critical-soft" : "bg-good-soft";
  return (
    <span className={clsx("inline-block max-w-full rounded-sm px-1", kind === "changed" && !words && changedTint)}>
      {words ? (
        <Words parts={words} side={side} />
      ) : (
        <NamedValue value={change[side]} masked={masked.includes(field)} names={names[field] ?? []} />
      )}
    </span>
  );
}
