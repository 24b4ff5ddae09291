import Link from "next/link";
import { counted } from "#components/numbers/format.ts";
import { recordWords } from "#db/audit/sentence.ts";
import { nounOf } from "#db/audit/story-noun.ts";
import type { StoryNode } from "#db/audit/story-tree.ts";
import { ActionMark } from "../action-mark.tsx";
import { entryHref } from "../addresses.ts";

const shownAtOnce = 12;

/** The rows of a story along their foreign keys, as a list within lists; long ones are folded with their count. */
export function StoryTree({ nodes, current }: { nodes: readonly StoryNode[]; current?: string }) {
  const shown = nodes.slice(0, shownAtOnce);
  const rest = nodes.slice(shownAtOnce);
  return (
    <>
      <Level nodes={shown} current={current} />
      {rest.length > 0 ? (
        <details open={holds(rest, current)}>
          <summary className="inline-flex min-h-6 items-center rounded-sm pl-5 text-accent">{rest.length} more</summary>
          <Level nodes={rest} current={current} />
        </details>
      ) : null}
    </>
  );
}

function holds(nodes: readonly StoryNode[], id: string | undefined): boolean {
  return id !== undefined && nodes.some(({ entry, children }) => entry.id === id || holds(children, id));
}

function Level({ nodes, current }: { nodes: readonly StoryNode[]; current: string | undefined }) {
  return (
    <ul>
      {nodes.map((node) => (
        <li key={`${node.entry.database} ${node.entry.id}`}>
          <Line node={node} current={current} />
          {node.children.length > 0 ? (
            <div className="ml-1.5 border-line border-l pl-3">
              <StoryTree nodes={node.children} current={current} />
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Line({ node: { entry, label, via, children }, current }: { node: StoryNode; current: string | undefined }) {
  const what = entry.table === null ? entry.sentence : `${nounOf(entry.table, 1)} ${label ?? recordOf(entry.record)}`;
  return (
    <p className="flex min-h-7 flex-wrap items-center gap-x-2 [overflow-wrap:anywhere]">
      <ActionMark action={entry.action} />
      <Link
        href={entryHref(entry)}
        prefetch={false}
        aria-current={entry.id === current ? "true" : undefined}
        className={entry.id === current ? "font-semibold text-ink" : "text-ink hover:text-accent"}
      >
        {what}
      </Link>
      {label === null ? null : <span className="font-mono text-faint text-xs">{recordOf(entry.record)}</span>}
      {via.length > 0 ? <span className="text-faint text-xs">by {via.join(", ")}</span> : null}
      {children.length > 0 ? (
        <span className="text-faint text-xs">with {counted(children.length, "row")} below it</span>
      ) : null}
    </p>
  );
}

function recordOf(record: string | null): string {
  return record === null ? "" : recordWords(record);
}
