import { counted } from "#components/numbers/format.ts";
import { CopyDiff } from "./copy-diff.tsx";
import { copyFormats } from "./copy-formats.ts";
import type { SqlTarget } from "./copy-sql.ts";
import { DiffTable } from "./diff-table.tsx";
import { effortOfRequest } from "./effort.ts";
import { fieldChanges } from "./fields.ts";
import { diffLines } from "./lines.ts";
import type { ValueName } from "./named-value.tsx";
import { withoutNoise } from "./noise.ts";

type Row = Readonly<Record<string, unknown>>;

/** Before and after beside each other, or under each other. */
export type DiffLayout = "side" | "inline";

interface FieldDiffProps {
  before: Row | null;
  after: Row | null;
  /** Columns whose values are stored as keyed hashes. */
  masked?: readonly string[];
  /** What the row is, for the copied formats: "public.orders 42". */
  subject?: string;
  layout?: DiffLayout;
  /** The one side that is given is how the row stood, and no change. */
  still?: boolean;
  /** Columns that change by themselves, besides those that are always called so. */
  noise?: readonly string[];
  /** By column, the names of what its values point at. */
  names?: Readonly<Record<string, readonly ValueName[]>>;
  /** The row in its table, for types and for copying as SQL. */
  target?: SqlTarget;
  /** Where this difference can be seen, for copying as a link; an address without the host. */
  href?: string;
}

/** Field, before, after. Only what changed; what changes by itself, and what stayed, are folded with their counts. */
export function FieldDiff(props: FieldDiffProps) {
  const {
    before,
    after,
    masked = [],
    subject = "row",
    layout = "side",
    still = false,
    names = {},
    target,
    href,
  } = props;
  const changes = fieldChanges(before, after);
  const changed = changes.filter(({ kind }) => kind !== "same");
  const same = changes.filter(({ kind }) => kind === "same");
  const { meant, noise } = withoutNoise(changed, props.noise ?? []);
  const effort = effortOfRequest();
  const shared = {
    ...{ masked, layout, still, names, types: target?.types ?? {} },
    sides: { before: before !== null, after: after !== null },
  };
  return (
    <div className="grid gap-2">
      {changed.length === 0 ? (
        <p className="text-muted">No field differs.</p>
      ) : (
        <DiffTable label={`Changes of ${subject}`} lines={diffLines(meant, effort)} {...shared} />
      )}
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="grid min-w-0 grow gap-1">
          <Fold
            title={`${counted(noise.length, "field")} that ${noise.length === 1 ? "changes" : "change"} with every write`}
          >
            {noise.length > 0 ? <DiffTable label="Bookkeeping" lines={diffLines(noise, effort)} {...shared} /> : null}
          </Fold>
          <Fold title={`${counted(same.length, "field")} unchanged`}>
            {same.length > 0 ? <DiffTable label="Unchanged" lines={same} {...shared} /> : null}
          </Fold>
        </div>
        {changed.length === 0 ? null : (
          <CopyDiff formats={copyFormats(changed, changes, subject, target)} href={href} />
        )}
      </div>
    </div>
  );
}

function Fold({ title, children }: { title: string; children: React.ReactNode }) {
  if (children === null) return null;
  return (
    <details>
      <summary className="inline-flex min-h-6 items-center rounded-sm text-accent">{title}</summary>
      {children}
    </details>
  );
}
