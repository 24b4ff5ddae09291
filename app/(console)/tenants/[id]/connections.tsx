import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { duration } from "#components/time/duration.ts";
import { tenantConnections } from "#db/tenants/activity.ts";
import type { TenantConnection, TenantDetail } from "#db/tenants/contract.ts";
import { failureOf } from "./panel.ts";

/** Who is connected for this tenant at this moment, and with which statement. */
export async function Connections({ tenant }: { tenant: TenantDetail }) {
  const actor = await currentActor();
  if (!actor) return null;
  const rows: TenantConnection[] | string = await tenantConnections(actor, tenant).catch(failureOf);
  if (typeof rows === "string") return <FailedState title="Connections could not be read">{rows}</FailedState>;
  if (rows.length === 0) {
    return (
      <EmptyState title="No connection says that it is this tenant's">
        A connection shows here when its application_name holds the tenant&apos;s key or slug as a word, when its
        statement names the tenant&apos;s own schema, or when the database is its own.
      </EmptyState>
    );
  }
  return (
    <Table label="Connections">
      <Head
        columns={[{ label: "Application" }, { label: "State" }, { label: "For", align: "end" }, { label: "Statement" }]}
      />
      <tbody>
        {rows.map((row) => (
          <Row key={row.pid}>
            <Cell narrow="title">{row.application || row.role}</Cell>
            <Cell narrow="end">{row.state}</Cell>
            <Cell align="end" narrow="meta">
              {duration((row.seconds ?? 0) * 1_000)}
            </Cell>
            <Cell mono narrow="meta" className="[overflow-wrap:anywhere]">
              {row.statement}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
