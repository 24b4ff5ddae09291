import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import { listServers } from "#db/databases/servers.ts";
import { Refusal } from "#db/errors.ts";
import type { Choice } from "#db/placing/choose.ts";
import { choosePlace } from "#db/placing/read.ts";
import { type CreateForm, type Tier, tiers } from "#db/tenants/contract.ts";
import { listCreatable, readCreateForm } from "#db/tenants/form.ts";
import { tierNames } from "../words.ts";
import { CreateTenantForm, PlanTenantForm } from "./create-form.tsx";

export const metadata: Metadata = { title: "Create tenant" };

export default async function CreateTenantPage({ searchParams }: PageProps<"/tenants/create">) {
  const actor = await pageActor("tenants.write");
  const { database, tier: asked } = await searchParams;
  const tier = tiers.find((one) => one === asked) ?? "shared";
  const databases = await listCreatable(actor);
  const chosen = databases.find(({ id }) => id === database) ?? databases[0];
  const form = chosen ? await readCreateForm(actor, chosen.id).catch(toRefusal) : null;
  const servers = tier === "database" ? await listServers(actor) : [];
  const choice = tier === "database" && chosen ? await choosePlace(actor, chosen.id).catch(toRefusal) : null;
  return (
    <Screen
      title="Create tenant"
      above={<Link href="/tenants">Tenants</Link>}
      answer={chosen ? answers[tier](chosen.name) : null}
    >
      {databases.length > 1 ? (
        <LinkTabs
          label="Database"
          tabs={databases.map(({ id, name }) => ({
            href: `/tenants/create?database=${id}&tier=${tier}`,
            label: name,
            current: id === chosen?.id,
          }))}
        />
      ) : null}
      {chosen ? (
        <LinkTabs
          label="Tier"
          tabs={tiers.map((one) => ({
            href: `/tenants/create?database=${chosen.id}&tier=${one}`,
            label: tierNames[one],
            current: one === tier,
          }))}
        />
      ) : null}
      {form === null ? (
        <EmptyState
          title="No database lists tenants"
          action={<LinkButton href="/databases/add">Add a database</LinkButton>}
        >
          A tenant is created in the application's own tables, so its database has to be adopted first.
        </EmptyState>
      ) : form instanceof Refusal ? (
        <FailedState title="The tenants table could not be read">
          {form.message} {form.fix}
        </FailedState>
      ) : (
        <TierForm form={form} tier={tier} servers={servers} choice={choice instanceof Refusal ? null : choice} />
      )}
    </Screen>
  );
}

interface TierFormProps {
  form: CreateForm;
  tier: Tier;
  servers: { id: string; name: string }[];
  /** Where the application's policy puts it. */
  choice: Choice | null;
}

function TierForm({ form, tier, servers, choice }: TierFormProps) {
  if (tier === "shared") return <CreateTenantForm form={form} />;
  return (
    <PlanTenantForm
      form={form}
      tier={tier}
      servers={servers.map(({ id, name }) => ({ id, name }))}
      proposed={choice?.server ? { id: choice.server.id, why: choice.why } : null}
    />
  );
}

const answers: Record<Tier, (database: string) => string> = {
  shared: (database) => `A row in the tenants table of ${database}, in the shared tier.`,
  schema: (database) => `A schema of its own in ${database}, with the shared tables' definition. The plan comes first.`,
  database: (database) => `A database of its own, listed in ${database}. The plan comes first.`,
};

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
