import Link from "next/link";
import { type Fact, Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { AuditEntry } from "#db/audit/contract.ts";
import { ActorName } from "../actor-name.tsx";
import { auditHref, requestHref, transactionHref } from "../addresses.ts";

const none = <span className="text-faint">not recorded</span>;

/** Who, when, from where, in which request: the answer before any evidence. */
export function WhoFacts({ entry, tenantName }: { entry: AuditEntry; tenantName: string | null }) {
  const items: Fact[] = [
    { label: "Who", value: <ActorName actor={entry.actor} /> },
    {
      label: "When",
      value: (
        <>
          <When at={entry.at} />{" "}
          <span className="text-faint">
            <When at={entry.at} precise />
          </span>
        </>
      ),
    },
    {
      label: "From",
      value:
        entry.ip === null && entry.userAgent === null ? (
          none
        ) : (
          <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
            {entry.ip === null ? null : <Copy text={entry.ip} what="address" keep={0} />}
            {entry.userAgent === null ? null : <span className="text-muted">{entry.userAgent}</span>}
          </span>
        ),
    },
    {
      label: "Request",
      value:
        entry.request === null ? (
          none
        ) : (
          <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
            <Copy text={entry.request} what="request id" keep={36} />
            <Link href={requestHref(entry.request, entry.at)}>The whole request</Link>
          </span>
        ),
    },
    {
      label: "Transaction",
      value: (
        <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
          <Copy text={entry.transaction} what="transaction id" />
          <Link href={transactionHref(entry)}>As one story</Link>
        </span>
      ),
    },
    {
      label: "Tenant",
      value:
        entry.tenant === null ? (
          none
        ) : (
          <Link href={auditHref({ tenant: entry.tenant })}>{tenantName ?? entry.tenant}</Link>
        ),
    },
    { label: "Reason", value: entry.reason === null ? none : `“${entry.reason}”` },
  ];
  return <Facts items={items} />;
}
