import Link from "next/link";
import { FieldDiff } from "#components/diff/field-diff.tsx";
import { When } from "#components/time/when.tsx";
import type { HistoryEntry } from "#db/audit/contract.ts";
import { parseRow } from "#db/audit/lossless.ts";
import { ActionMark } from "../action-mark.tsx";
import { entryHref } from "../addresses.ts";
import { gapWords } from "./gap.ts";
import { VersionLinks } from "./version-links.tsx";

/** One line an event, its diff on demand; a long silence between two events shows as one. `restores`: with ways back to each version. */
export function Timeline({ entries, restores }: { entries: HistoryEntry[]; restores: boolean }) {
  return (
    <ol className="border-line border-l pl-4">
      {entries.map((entry, at) => {
        const gap = gapWords(entries[at - 1]?.at, entry.at);
        return (
          <li key={entry.id}>
            {gap === null ? null : (
              <p className="-ml-4 border-edge border-l border-dashed py-2 pl-4 text-faint text-xs">{gap}</p>
            )}
            <details className="border-line border-b">
              <summary className="flex min-h-(--row) flex-wrap items-center gap-x-3 py-1 hover:bg-hover">
                <span className="flex min-w-0 grow basis-full [overflow-wrap:anywhere] sm:basis-0">
                  <ActionMark action={entry.action} />
                  <span className="min-w-0 font-medium">{entry.sentence}</span>
                </span>
                <When at={entry.at} inRow align="end" />
              </summary>
              <div className="grid gap-2 pt-1 pb-3 pl-5">
                <p className="flex flex-wrap gap-x-4 text-muted">
                  <When at={entry.at} precise />
                  {entry.reason === null ? null : <span>“{entry.reason}”</span>}
                  <Link href={entryHref(entry)}>The whole entry</Link>
                  {restores && !entry.left ? <VersionLinks entry={entry} /> : null}
                </p>
                {entry.before === null && entry.after === null ? null : (
                  <FieldDiff
                    before={parseRow(entry.before)}
                    after={parseRow(entry.after)}
                    subject={`${entry.schema}.${entry.table} ${entry.record}`}
                  />
                )}
              </div>
            </details>
          </li>
        );
      })}
    </ol>
  );
}
