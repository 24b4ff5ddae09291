import Link from "next/link";
import { readerSignal } from "#app/_server/reader.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import type { Actor } from "#db/actor.ts";
import { readRecordAt, readVersions } from "#db/audit/asked.ts";
import { rowContext } from "#db/audit/names-as-of-rows.ts";
import type { RecordAt } from "#db/audit/record-at.ts";
import type { RecordAddress } from "#db/audit/record-history.ts";
import { Refusal } from "#db/errors.ts";
import { entryHref } from "../addresses.ts";
import { orRefusal } from "../or-refusal.ts";
import { RowDiff } from "../story/row-diff.tsx";

interface LookedUpProps {
  actor: Actor;
  address: RecordAddress;
  /** Archived months that are read besides. */
  months: readonly string[];
}

/** Two versions of a record, whichever was named first. */
export async function Compared({ actor, address, months, a, b }: LookedUpProps & { a: string; b: string }) {
  const signal = await readerSignal();
  const pair = await orRefusal(readVersions(actor, address, [a, b], months, signal), "not_found", "unreachable");
  if (pair instanceof Refusal) return <NotRead title="Two versions" refusal={pair} />;
  const { older, newer } = pair;
  const context = await rowContext(
    actor,
    address.database,
    address,
    [older.values, newer.values],
    newer.moment,
    months,
    signal,
  );
  return (
    <Section
      title="Two versions"
      answer={
        <>
          <When at={older.moment.at} precise /> against <When at={newer.moment.at} precise />.
        </>
      }
    >
      {older.values === null && newer.values === null ? (
        <p className="text-muted">
          {older.state === "gone" && newer.state === "gone"
            ? "The record was gone in both."
            : "Nothing is recorded about this record: the two entries are of others."}
        </p>
      ) : (
        <RowDiff row={address} before={older.values ?? "{}"} after={newer.values ?? "{}"} context={context} />
      )}
    </Section>
  );
}

/** The record as it stood at a time, and how that is known. */
export async function AtTime({ actor, address, months, at }: LookedUpProps & { at: string }) {
  const signal = await readerSignal();
  const found = await orRefusal(readRecordAt(actor, address, at, months, signal), "unreachable");
  if (found instanceof Refusal) return <NotRead title="The record then" refusal={found} />;
  const context = await rowContext(actor, address.database, address, [found.values], found.moment, months, signal);
  return (
    <Section
      title="The record then"
      answer={
        <>
          As of <When at={at} precise />. <Evidence found={found} database={address.database} />
        </>
      }
    >
      <Unread found={found} />
      {found.values === null ? (
        <EmptyState title={found.state === "gone" ? "It did not exist then" : "The log does not know how it stood"} />
      ) : (
        <RowDiff row={address} before={null} after={found.values} context={context} still />
      )}
    </Section>
  );
}

function NotRead({ title, refusal }: { title: string; refusal: Refusal }) {
  return (
    <Section title={title}>
      <FailedState title={refusal.message}>{refusal.fix}</FailedState>
    </Section>
  );
}

/** What is shown may not be how it stood: entries in between lie in the archive. */
function Unread({ found: { unread } }: { found: RecordAt }) {
  const [last] = unread;
  if (last === undefined) return null;
  const span = unread.length === 1 ? last : `${unread.at(-1)} to ${last}`;
  return (
    <p role="status" className="mb-2 text-warning">
      <span aria-hidden="true">▲ </span>
      The archived months {span} were not looked at and may tell otherwise. Look in the archive, below.
    </p>
  );
}

function Evidence({ found: { entry, next }, database }: { found: RecordAt; database: string }) {
  if (entry !== null) {
    return (
      <>
        The last change before it was <Link href={entryHref({ database, id: entry.id })}>made</Link>{" "}
        <When at={entry.at} />.
      </>
    );
  }
  if (next === null) return null;
  return (
    <>
      Nothing is recorded before; the <Link href={entryHref({ database, id: next.id })}>first entry after it</Link>, of{" "}
      <When at={next.at} />, tells how it stood.
    </>
  );
}
