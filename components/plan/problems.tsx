import { Status } from "#components/feedback/status.tsx";
import { counted } from "#components/numbers/format.ts";
import type { PlanProblem } from "./plan.ts";

const order = ["blocking", "grave", "warning", "note"] as const;
const kinds = { blocking: "critical", grave: "critical", warning: "warning", note: "neutral" } as const;
const words = {
  blocking: "blocks the plan",
  grave: "know this first",
  warning: "look at this",
  note: "good to know",
} as const;

/** Those that block come first; without any, it says so. */
export function Problems({ problems }: { problems: readonly PlanProblem[] }) {
  const blocking = problems.filter((problem) => problem.severity === "blocking").length;
  if (problems.length === 0) return <Status kind="good">Nothing stands in the way.</Status>;
  const sorted = [...problems].sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
  return (
    <div>
      <p className="mb-1 font-medium">
        {blocking > 0 ? `${counted(blocking, "problem")} must be solved first` : "Nothing blocks this plan"}
      </p>
      <ul className="border-line border-t">
        {sorted.map((problem) => (
          <li
            key={`${problem.severity} ${problem.subject} ${problem.message}`}
            className="grid items-start gap-x-4 border-line border-b py-1.5 sm:grid-cols-[11rem_minmax(0,1fr)]"
          >
            <Status kind={kinds[problem.severity]}>{words[problem.severity]}</Status>
            <div className="min-w-0">
              <span className="font-mono [overflow-wrap:anywhere]">{problem.subject}</span>
              <span className="block [overflow-wrap:anywhere]">{problem.message}</span>
              {problem.fix ? <span className="block text-muted">{problem.fix}</span> : null}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
