import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Code } from "#components/ui/code.tsx";
import type { Check } from "#db/health/contract.ts";
import { EvidenceTable } from "./evidence-table.tsx";
import { placeOf } from "./place.ts";
import { amount, verdictWords } from "./words.ts";

/** One line a check: verdict, name, value, finding; behind it the threshold, the evidence and the SQL. */
export function Checks({ checks }: { checks: Check[] }) {
  return (
    <ul>
      {checks.map((check) => (
        <li key={check.id} className="border-line border-b">
          <details className="group" id={check.id}>
            <summary className="grid cursor-pointer list-none grid-cols-[16px_1fr_auto] items-center gap-x-3 gap-y-0.5 py-1.5 hover:bg-hover sm:grid-cols-[16px_104px_184px_96px_1fr] [&::-webkit-details-marker]:hidden">
              <ChevronRight aria-hidden="true" className="size-4 text-faint group-open:rotate-90" />
              <span className="max-sm:order-3 max-sm:col-start-3">
                <Status kind={check.verdict}>{verdictWords[check.verdict]}</Status>
              </span>
              <span className="font-medium max-sm:order-2">{check.title}</span>
              <span className="text-end tabular-nums max-sm:order-4 max-sm:col-start-2 max-sm:text-start">
                {amount(check.value, check.unit)}
              </span>
              <span className="min-w-0 text-muted max-sm:order-5 max-sm:col-span-2 max-sm:col-start-2">
                {check.finding}
              </span>
            </summary>
            <Detail check={check} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Detail({ check }: { check: Check }) {
  const place = placeOf(check.id);
  return (
    <div className="grid gap-3 pt-1 pb-4 pl-7">
      <Facts
        items={[
          { label: "Threshold", value: check.threshold },
          ...(check.fix ? [{ label: "What to do", value: check.fix }] : []),
          ...(place ? [{ label: "See also", value: <PlaceLink {...place} /> }] : []),
          {
            label: "As of",
            value: (
              <>
                <When at={check.asOf} />
                {check.since ? (
                  <>
                    {" "}
                    over the time since <When at={check.since} absolute />
                  </>
                ) : null}
              </>
            ),
          },
        ]}
      />
      {check.evidence && check.evidence.rows.length > 0 ? (
        <EvidenceTable title={check.title} evidence={check.evidence} />
      ) : null}
      <Code text={check.sql} />
    </div>
  );
}

function PlaceLink({ href, label }: { href: string; label: string }) {
  return (
    <Link href={href} className="inline-flex min-h-6 items-center text-accent hover:underline">
      {label}
    </Link>
  );
}
