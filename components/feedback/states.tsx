import { clsx } from "clsx";
import { Ban, FilterX, Inbox, Lock, ServerOff } from "lucide-react";
import type { ReactNode } from "react";
import { Code } from "#components/ui/code.tsx";
import { Frame, type StateProps } from "./frame.tsx";

/** Nothing has ever been here: says what would be, and how to get it. */
export function EmptyState(props: StateProps) {
  return <Frame icon={<Inbox />} {...props} className="border-edge border-dashed" />;
}

/** There is something, but not for these filters. `action` clears the filter that excludes most. */
export function NoMatch(props: StateProps) {
  return <Frame icon={<FilterX />} {...props} className="border-edge border-dotted bg-sunken" />;
}

/** A version, privilege or tool is missing; `statement` is what grants it. */
export function Unsupported({ statement, children, ...props }: StateProps & { statement?: string }) {
  return (
    <Frame icon={<Ban />} {...props} className="border-edge border-double border-4">
      {children}
      {statement ? (
        <div className="mt-2">
          <Code text={statement} />
        </div>
      ) : null}
    </Frame>
  );
}

/** The capability that is missing, and who can grant it. */
export function Forbidden({ capability, holders }: { capability: string; holders: string }) {
  return (
    <Frame icon={<Lock />} title="Not allowed" className="border-edge bg-sunken">
      This needs the capability <code>{capability}</code>. Ask somebody with the role {holders}.
    </Frame>
  );
}

/** Somebody who was asked and did not answer. */
export interface Silence {
  databaseId: string;
  name: string;
  reason: string;
  /** What could not be looked up, where the answer is whole without it. */
  kept?: string;
}

/** Some of those that were asked did not answer; the rest stands. */
export function PartialNote({ silent }: { silent: readonly Silence[] }) {
  const whole = silent.filter(({ kept }) => kept === undefined);
  const kept = silent.filter((one) => one.kept !== undefined && !whole.some((other) => isSame(one, other)));
  return (
    <>
      {whole.length === 0 ? null : (
        <Note icon={<ServerOff />} ink="text-warning">
          {whole.length === 1 ? "One database did not answer" : `${whole.length} databases did not answer`}, so this
          list is not complete:{" "}
          {whole.map((one, at) => (
            <span key={one.name}>
              {at > 0 ? "; " : ""}
              <Why {...one} />
            </span>
          ))}
          .
        </Note>
      )}
      {[...Map.groupBy(kept, ({ name }) => name)].map(([name, of]) => (
        <Note key={name} icon={<ServerOff />} ink="text-warning">
          {capitalised(joined([...new Set(of.flatMap((one) => one.kept ?? []))]))} could not be looked up:{" "}
          {of[0] ? <Why {...of[0]} /> : name} did not answer.
        </Note>
      ))}
    </>
  );
}

function isSame(one: Silence, other: Silence): boolean {
  return one.databaseId === other.databaseId && one.name === other.name;
}

function Why({ name, reason }: Silence) {
  return (
    <>
      <b className="font-medium">{name}</b> ({reason.replace(/\.$/, "")})
    </>
  );
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A place held for rows on their way, at their final height. */
export function Skeleton({ rows = 8, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="breathes">
      {Array.from({ length: rows }, (_, at) => `row-${at}`).map((key) => (
        <div key={key} className="flex h-(--row) items-center gap-8 border-line border-b px-2">
          <span className="h-2.5 w-1/4 rounded-sm bg-hover" />
          <span className="h-2.5 w-1/3 rounded-sm bg-hover" />
          <span className="ml-auto h-2.5 w-1/12 rounded-sm bg-hover" />
        </div>
      ))}
    </div>
  );
}

function Note({ icon, ink = "text-muted", children }: { icon: ReactNode; ink?: string; children: ReactNode }) {
  return (
    <p role="status" className={clsx("flex items-start gap-2 rounded bg-sunken px-3 py-1.5", ink)}>
      <span aria-hidden="true" className="mt-0.5 [&_svg]:size-4">
        {icon}
      </span>
      <span className="min-w-0">{children}</span>
    </p>
  );
}
