import Link from "next/link";
import { currentActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Facts } from "#components/page/facts.tsx";
import type { TenantDetail, TenantSettings } from "#db/tenants/contract.ts";
import { tenantSettings } from "#db/tenants/settings.ts";
import { failureOf } from "./panel.ts";

/** How the application has this tenant set, and what PostgreSQL sets for it. */
export async function Settings({ tenant }: { tenant: TenantDetail }) {
  const actor = await currentActor();
  if (!actor?.capabilities.has("tenants.read")) return null;
  const settings: TenantSettings | string = await tenantSettings(actor, tenant).catch(failureOf);
  if (typeof settings === "string") return <FailedState title="Its settings could not be read">{settings}</FailedState>;
  const { table, row, database } = settings;
  if (table === null) {
    return (
      <EmptyState title="The application's tenants table is not known">
        Its row there would be here. The <Link href={`/databases/${tenant.databaseId}/model`}>model</Link> names the
        table.
      </EmptyState>
    );
  }
  if (row.length === 0) {
    return <FailedState title={`No row in ${table}`}>The application no longer lists this tenant there.</FailedState>;
  }
  return (
    <div className="grid gap-3">
      <Facts
        items={row.map(({ name, value, masked }) => ({
          label: name,
          value: masked ? (
            <span className="text-faint">masked by the model</span>
          ) : value === null ? (
            <span className="text-faint">null</span>
          ) : (
            <span className="font-mono">{value}</span>
          ),
        }))}
      />
      {database.length === 0 ? null : (
        <Facts
          items={database.map(({ name, value, role }) => ({
            label: role === null ? name : `${name} for ${role}`,
            value: <span className="font-mono">{value}</span>,
          }))}
        />
      )}
    </div>
  );
}
