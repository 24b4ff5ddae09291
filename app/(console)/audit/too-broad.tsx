import { NoMatch } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { AuditFilter } from "#db/audit/contract.ts";
import { filterQuery } from "#db/audit/contract.ts";

const spans = [
  { span: "-1d", label: "In the last 24 hours" },
  { span: "-7d", label: "In the last 7 days" },
  { span: "-30d", label: "In the last 30 days" },
];

/** A question that would read too much was not asked; these are narrower ones. */
export function TooBroad({ filter, message, fix }: { filter: AuditFilter; message: string; fix: string }) {
  const { q = "" } = filter;
  return (
    <NoMatch
      title="Add a time range"
      action={spans.map(({ span, label }) => (
        <LinkButton key={span} href={`/audit?${filterQuery({ ...filter, q: `${q} at:${span}`.trim() })}`}>
          {label}
        </LinkButton>
      ))}
    >
      {message} {fix}
    </NoMatch>
  );
}
