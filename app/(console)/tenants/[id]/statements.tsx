import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState, Unsupported } from "#components/feedback/states.tsx";
import { count } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { duration } from "#components/time/duration.ts";
import type { TenantDetail, TenantStatements } from "#db/tenants/contract.ts";
import { tenantStatements } from "#db/tenants/statements.ts";
import { failureOf } from "./panel.ts";

/** What its statements cost, where PostgreSQL can tell them from those of others. */
export async function Statements({ tenant }: { tenant: TenantDetail }) {
  const actor = await currentActor();
  if (!actor?.capabilities.has("tenants.read")) return null;
  const kept: TenantStatements | string = await tenantStatements(actor, tenant).catch(failureOf);
  if (typeof kept === "string") return <FailedState title="Statements could not be read">{kept}</FailedState>;
  if (kept.kept === "shared") {
    return (
      <EmptyState title="Counted for all tenants together">
        PostgreSQL keeps what statements cost by user and database, and in shared tables these are everybody&apos;s.
        What this tenant wrote is in the audit log, by the context that the application sets.
      </EmptyState>
    );
  }
  if (kept.kept === "missing") {
    return (
      <Unsupported
        title={`pg_stat_statements is not in ${kept.databaseName}`}
        statement="CREATE EXTENSION pg_stat_statements;"
      >
        The ten statements that cost most would be here. The library must be in shared_preload_libraries.
      </Unsupported>
    );
  }
  if (kept.statements.length === 0) {
    return (
      <EmptyState title="No statement yet">
        None that is this tenant&apos;s was counted since the last reset, or the console&apos;s role may not see those
        of others: that takes pg_read_all_stats.
      </EmptyState>
    );
  }
  return (
    <Table label="Statements">
      <Head
        columns={[
          { label: "Statement" },
          { label: "Calls", align: "end", width: "w-20" },
          { label: "Rows", align: "end", width: "w-20" },
          { label: "In all", align: "end", width: "w-24" },
          { label: "Each", align: "end", width: "w-20" },
        ]}
      />
      <tbody>
        {kept.statements.map(({ query, calls, milliseconds, rows }) => (
          <Row key={query}>
            <Cell mono narrow="title" className="whitespace-normal text-xs [overflow-wrap:anywhere]">
              {query}
            </Cell>
            <Cell align="end" narrow="meta">
              {count(calls)}
            </Cell>
            <Cell align="end" narrow="hidden">
              {count(rows)}
            </Cell>
            <Cell align="end" narrow="end">
              {duration(milliseconds)}
            </Cell>
            <Cell align="end" narrow="meta">
              {duration(calls > 0 ? milliseconds / calls : 0)}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
