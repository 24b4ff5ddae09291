import { When } from "#components/time/when.tsx";
import type { MoveEvent } from "#db/moves/contract.ts";

/** What happened, newest first. */
export function MoveLog({ events }: { events: readonly MoveEvent[] }) {
  if (events.length === 0) return <p className="text-muted">Nothing happened yet.</p>;
  return (
    <ol className="max-h-96 overflow-y-auto" aria-label="Log of the move">
      {events.map((event) => (
        <li
          key={event.id}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 border-line border-b py-1 last:border-b-0"
        >
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <span className={inks[event.kind]}>{event.line}</span>{" "}
            <span className="text-faint text-xs">{event.actorName}</span>
          </span>
          <span className="text-faint text-xs">
            <When at={event.at} align="end" />
          </span>
        </li>
      ))}
    </ol>
  );
}

const inks: Record<string, string> = { failed: "text-critical", gave_up: "text-warning" };
