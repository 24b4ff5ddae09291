import { EmptyState } from "#components/feedback/states.tsx";
import { bytes, count, percent } from "#components/numbers/format.ts";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import type { TableSize, TenantDetail } from "#db/tenants/contract.ts";
import { sizeTenants } from "../actions.ts";

const methods: Record<TableSize["method"], string> = {
  exact: "every page read",
  sample: "pages sampled",
  pages: "catalog's page counts",
};

export function Sizes({ tenant, mayMeasure }: { tenant: TenantDetail; mayMeasure: boolean }) {
  const measure = mayMeasure ? (
    <ActionButton
      action={sizeTenants}
      input={{ databaseId: tenant.databaseId }}
      doneMessage="Measuring; see the running jobs"
      small
    >
      Measure all tenants of {tenant.databaseName}
    </ActionButton>
  ) : null;
  if (tenant.sizes.length === 0) {
    return (
      <EmptyState title={tenant.sizedAt ? "No rows" : "Not measured yet"} action={measure}>
        {tenant.sizedAt
          ? "The last measurement found no rows of this tenant in any table."
          : "The worker samples each table and divides it among its tenants."}
      </EmptyState>
    );
  }
  return (
    <div className="grid justify-items-start gap-3">
      <Table label="Size by table">
        <Head
          columns={[
            { label: "Table" },
            { label: "Rows", align: "end" },
            { label: "Size", align: "end" },
            { label: "Error", align: "end" },
            { label: "How" },
          ]}
        />
        <tbody>
          {tenant.sizes.map((size) => (
            <Row key={`${size.schema}.${size.name}`}>
              <Cell mono narrow="title">
                {size.schema}.{size.name}
              </Cell>
              <Cell align="end" narrow="meta">
                {size.rows === null ? "unknown" : count(size.rows)}
              </Cell>
              <Cell align="end" narrow="end">
                {bytes(size.bytes)}
              </Cell>
              <Cell align="end" narrow="meta">
                {errorOf(size)}
              </Cell>
              <Cell narrow="meta" className="text-muted">
                {methods[size.method]}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {measure}
    </div>
  );
}

/** Half the 95 % interval. */
function errorOf({ errorRatio, method }: TableSize): string {
  if (errorRatio === null) return "unknown";
  if (method === "exact") return "none";
  return errorRatio >= 1 ? "over 100 %" : `± ${percent(errorRatio, 0)}`;
}
