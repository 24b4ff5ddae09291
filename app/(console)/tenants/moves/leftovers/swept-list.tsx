import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import type { JobView } from "#db/jobs/contract.ts";
import type { SweepResult } from "#db/moves/sweep/inputs.ts";

/** What the last removal came to, for as long as it is news. */
export function SweptList({ result: { removed, kept, swept }, job }: { result: SweepResult; job: JobView }) {
  return (
    <Section
      title="Removed"
      aside={
        <>
          by {job.actorName}, <When at={job.finishedAt} />, <Link href={`/jobs/${job.id}`}>its job</Link>
        </>
      }
      answer={`${counted(removed, "leftover")} ${removed === 1 ? "is" : "are"} gone${kept > 0 ? `; ${kept} stayed, and each says why` : ""}.`}
    >
      <ul className="grid">
        {swept.map((one) => (
          <li key={one.id} className="border-line border-t py-1.5 first:border-t-0 [overflow-wrap:anywhere]">
            <Status kind={one.removed ? "good" : "warning"}>
              <span className="font-mono">{one.name}</span>
            </Status>{" "}
            <span className="text-muted">{one.line}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
