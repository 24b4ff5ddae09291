import Link from "next/link";
import { Facts } from "#components/page/facts.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import type { AuditEntryDetail } from "#db/audit/contract.ts";
import { truncateWords } from "#db/audit/truncate-words.ts";
import { ActorName } from "../../actor-name.tsx";
import { auditHref, recordHref, requestHref, transactionHref } from "../../addresses.ts";

const none = <span className="text-faint">not recorded</span>;

/** Who, when, from where, by which request and in which transaction. */
export function EntryFacts({ entry, tenantName }: { entry: AuditEntryDetail; tenantName: string | null }) {
  const history = recordHref(entry);
  const emptied = entry.action === "truncate" ? truncateWords(entry.metadata) : null;
  return (
    <Facts
      items={[
        { label: "Who", value: <ActorName actor={entry.actor} /> },
        { label: "When", value: <When at={entry.at} precise /> },
        {
          label: "Record",
          value:
            entry.record === null ? (
              none
            ) : (
              <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
                {history === null ? null : (
                  <Link href={history}>
                    {entry.schema}.{entry.table}
                  </Link>
                )}
                <Copy text={entry.record} what="record id" keep={60} />
              </span>
            ),
        },
        {
          label: "Tenant",
          value:
            entry.tenant === null ? (
              none
            ) : (
              <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
                <Link href={auditHref({ tenant: entry.tenant })}>{tenantName ?? entry.tenant}</Link>
                {tenantName === null ? null : <Copy text={entry.tenant} what="tenant key" />}
              </span>
            ),
        },
        { label: "From", value: entry.ip === null ? none : <Copy text={entry.ip} what="address" keep={0} /> },
        { label: "User agent", value: entry.userAgent ?? none },
        {
          label: "Request",
          value:
            entry.request === null ? (
              none
            ) : (
              <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
                <Copy text={entry.request} what="request id" keep={40} />
                <Link href={requestHref(entry.request, entry.at)}>Everything of this request</Link>
              </span>
            ),
        },
        {
          label: "Transaction",
          value: (
            <span className="inline-flex max-w-full flex-wrap items-center gap-x-2">
              <Copy text={entry.transaction} what="transaction id" />
              <Link href={transactionHref(entry)}>Everything of this transaction</Link>
            </span>
          ),
        },
        { label: "Reason", value: entry.reason ?? none },
        ...(emptied === null ? [] : [{ label: "Emptied", value: emptied }]),
        { label: "Entry", value: <Copy text={entry.id} what="entry id" keep={0} /> },
      ]}
    />
  );
}
