import Link from "next/link";
import { readerSignal } from "#app/_server/reader.ts";
import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { Cell, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { readNewest } from "#db/audit/asked.ts";
import type { AuditPage } from "#db/audit/contract.ts";
import { failureOf } from "./panel.ts";

/** The newest entries about this tenant, from its database and from the console's own log. */
export async function RecentAudit({ tenantId }: { tenantId: string }) {
  const actor = await currentActor();
  if (!actor?.capabilities.has("audit.read")) return null;
  const read = readNewest(actor, { tenant: tenantId }, 8, await readerSignal());
  const page: AuditPage | string = await read.catch(failureOf);
  if (typeof page === "string") return <FailedState title="The audit log could not be read">{page}</FailedState>;
  return (
    <div className="grid gap-2">
      <PartialNote silent={page.silent} />
      {page.rows.length === 0 && page.silent.length > 0 ? null : page.rows.length === 0 ? (
        <EmptyState title="No changes recorded">
          Every change of this tenant's rows since the adoption would be here.
        </EmptyState>
      ) : (
        <Table label="Recent changes">
          <tbody>
            {page.rows.map((entry) => (
              <Row key={`${entry.database}-${entry.id}`}>
                <Cell narrow="title">
                  <Link href={`/audit/${entry.database}/${entry.id}`}>{entry.sentence}</Link>
                </Cell>
                <Cell narrow="end" className="w-28 text-muted">
                  <When at={entry.at} align="end" />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}
