import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import type { Concern } from "./attention.ts";

const shownMax = 12;

/** What needs a person, one line each, the worst first. */
export function Concerns({ concerns }: { concerns: readonly Concern[] }) {
  if (concerns.length === 0) {
    return (
      <p className="flex h-(--row) items-center px-2">
        <Status kind="good">Nothing waits for anybody.</Status>
      </p>
    );
  }
  return (
    <ul>
      {concerns.slice(0, shownMax).map((concern) => (
        <li key={`${concern.href} ${concern.what}`} className="border-line border-b">
          <Link
            href={concern.href}
            className="grid min-h-(--row) items-center gap-x-4 px-2 py-1 hover:bg-hover md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
          >
            <Status kind={concern.kind}>
              <span className="font-medium text-ink">{concern.what}</span>
            </Status>
            <span className="truncate text-muted max-md:pl-5">{concern.why}</span>
          </Link>
        </li>
      ))}
      {concerns.length > shownMax ? (
        <li className="px-2 py-1.5 text-faint text-xs">
          {concerns.length - shownMax} more, on the screens of their areas.
        </li>
      ) : null}
    </ul>
  );
}
