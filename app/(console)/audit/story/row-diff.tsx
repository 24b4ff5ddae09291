import { FieldDiff } from "#components/diff/field-diff.tsx";
import type { ValueName } from "#components/diff/named-value.tsx";
import { parseRow } from "#db/audit/lossless.ts";
import type { NamedReference } from "#db/audit/names-as-of.ts";
import type { RowContext } from "#db/audit/names-as-of-rows.ts";
import { recordHref } from "../addresses.ts";

interface RowDiffProps {
  row: { database: string; schema: string | null; table: string | null; record: string | null };
  /** The states as JSON. */
  before: string | null;
  after: string | null;
  context: RowContext;
  layout?: "side" | "inline";
  /** One state and no change. */
  still?: boolean;
  href?: string;
}

/** Two states of a row of the log, with the names of what it pointed at then. */
export function RowDiff({ row, before, after, context, layout = "side", still = false, href }: RowDiffProps) {
  const { schema, table, record, database } = row;
  const names = Object.fromEntries(
    Object.entries(context.names).map(([column, of]) => [column, of.map((one) => nameOf(one, database))]),
  );
  return (
    <FieldDiff
      before={parseRow(before)}
      after={parseRow(after)}
      subject={`${schema ?? ""}.${table ?? ""} ${record ?? ""}`.trim()}
      layout={layout}
      still={still}
      names={names}
      target={schema === null || table === null ? undefined : { schema, table, key: context.key, types: context.types }}
      href={href}
    />
  );
}

const hints = {
  past: "as it was called then",
  former: "as it was called when it went",
  present: "as it is called now; nothing was recorded about it",
  absent: "did not exist then",
  unknown: "has no name that may be shown",
  unread: "as far as the log knows; archived months were not read",
} as const;

function nameOf({ value, name, known, schema, table, record }: NamedReference, database: string): ValueName {
  const href = recordHref({ database, schema, table, record });
  return { value, name, hint: `${table}, ${hints[known]}`, ...(href === null ? {} : { href }) };
}
