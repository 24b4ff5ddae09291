import Link from "next/link";
import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Cell, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { listDeleted } from "#db/records/bin/rows.ts";
import type { DeletedPage } from "#db/records/contract.ts";
import { failureOf } from "./panel.ts";

const shown = 5;

/** The newest deletions that can still come back. */
export async function DeletedRecords({ tenantId }: { tenantId: string }) {
  const actor = await currentActor();
  if (!actor?.capabilities.has("records.read")) return null;
  const page: DeletedPage | string = await listDeleted(actor, { tenant: tenantId }, null, shown).catch(failureOf);
  if (typeof page === "string")
    return <FailedState title="Deleted records could not be looked for">{page}</FailedState>;
  return (
    <div className="grid gap-2">
      <PartialNote silent={page.silent} />
      {page.rows.length === 0 && page.silent.length > 0 ? null : page.rows.length === 0 ? (
        <EmptyState title="Nothing deleted">
          Rows of this tenant that were deleted, and can come back, would be here.
        </EmptyState>
      ) : (
        <>
          <Table label="Deleted records">
            <tbody>
              {page.rows.map((row) => (
                <Row key={`${row.database}-${row.schema}.${row.table}-${row.record}`}>
                  <Cell narrow="title">
                    {row.label ?? row.record ?? "a row without a key"}{" "}
                    <span className="text-faint">
                      of {row.schema}.{row.table}
                    </span>
                  </Cell>
                  <Cell narrow="meta">{row.actor?.name ?? row.actor?.id ?? "by nobody known"}</Cell>
                  <Cell narrow="end" className="w-28 text-muted">
                    <When at={row.at} none="at an unknown time" align="end" />
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
          {page.next ? (
            <p className="text-faint text-xs">
              The newest {counted(page.rows.length, "record")};{" "}
              <Link href={`/deleted?tenant=${tenantId}`}>there are more</Link>.
            </p>
          ) : null}
        </>
      )}
    </div>
  );
}
