import { NoMatch } from "#components/feedback/states.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import type { Refusal } from "#db/errors.ts";

const spans = [
  { span: "-1d", label: "In the last 24 hours" },
  { span: "-7d", label: "In the last 7 days" },
  { span: "-30d", label: "In the last 30 days" },
];

interface TooBroadProps {
  /** The screen that asked. */
  path: "/audit" | "/audit/stories";
  filter: AuditFilter;
  refusal: Refusal;
}

/** A question that would read too much was not asked; these are narrower ones. */
export function TooBroad({ path, filter, refusal }: TooBroadProps) {
  const { q = "" } = filter;
  return (
    <NoMatch
      title="Add a time range"
      action={spans.map(({ span, label }) => (
        <LinkButton key={span} href={`${path}?${filterQuery({ ...filter, q: `${q} at:${span}`.trim() })}`}>
          {label}
        </LinkButton>
      ))}
    >
      {refusal.message} {refusal.fix ?? "Narrow it."}
    </NoMatch>
  );
}
