import Link from "next/link";
import { counted } from "#components/numbers/format.ts";
import type { Other } from "#db/audit/actor-activity.ts";
import { actorHref } from "../addresses.ts";

const shown = 5;

/** People on the other side of acts in somebody's name, each with a way to what they did. */
export function Others({ of }: { of: readonly Other[] }) {
  return (
    <ul>
      {of.slice(0, shown).map(({ id, name, entries }) => (
        <li key={id} className="flex flex-wrap gap-x-2">
          <Link href={actorHref(id)}>{name ?? `Actor ${id}`}</Link>
          <span className="text-faint">{counted(entries, "entry", "entries")}</span>
        </li>
      ))}
      {of.length > shown ? <li className="text-faint">and {of.length - shown} more</li> : null}
    </ul>
  );
}
