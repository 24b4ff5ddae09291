import Link from "next/link";
import { count, counted } from "#components/numbers/format.ts";
import type { Actor } from "#db/actor.ts";
import type { UnrecordedFilter } from "#db/records/bin/contract.ts";
import { recentlyUnrecorded } from "#db/records/bin/unrecorded.ts";
import { unrecordedHref } from "./addresses.ts";

/** Under a list of what can be brought back: how much went that no list can show. */
export async function UnrecordedNote({ actor, filter }: { actor: Actor; filter: UnrecordedFilter }) {
  const { days, tables, rows } = await recentlyUnrecorded(actor, filter);
  if (tables === 0) return null;
  return (
    <p className="text-muted">
      Besides, up to {count(rows)} rows went from {counted(tables, "table")} without a record in the last {days} days:{" "}
      <Link href={unrecordedHref(filter)}>what is known of them</Link>.
    </p>
  );
}
