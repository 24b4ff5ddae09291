import { Unsupported } from "#components/feedback/states.tsx";
import { When } from "#components/time/when.tsx";
import type { WriteCosts } from "#db/audit/coverage/contract.ts";

/** What the column "µs a statement" rests on, or how to have it measured. */
export function CostNote({ costs }: { costs: WriteCosts }) {
  if (costs.tracking === "none" && costs.tables.length === 0) {
    return (
      <div className="mt-3">
        <Unsupported title="The cost of recording is not measured here" statement={costs.statement}>
          PostgreSQL counts the time of functions only in sessions whose track_functions is on. This switches it on for
          sessions that begin afterwards; it needs a superuser, or the right to set that parameter.
        </Unsupported>
      </div>
    );
  }
  const seconds = costs.tables.reduce((sum, one) => sum + one.seconds, 0);
  return (
    <p className="mt-3 text-muted">
      µs a statement is what a write waited for its entries on average, as PostgreSQL measured it
      {costs.since ? (
        <>
          {" "}
          since <When at={costs.since} />
        </>
      ) : null}
      : {seconds < 1 ? "less than a second" : `${Math.round(seconds)} seconds`} in all.
      {costs.tracking === "none" ? " It is switched off for new sessions." : ""}
    </p>
  );
}
