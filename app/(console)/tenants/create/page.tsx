import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, FailedState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { LinkTabs } from "#components/ui/tabs.tsx";
import { Refusal } from "#db/errors.ts";
import { listCreatable, readCreateForm } from "#db/tenants/form.ts";
import { CreateTenantForm } from "./create-form.tsx";

export const metadata: Metadata = { title: "Create tenant" };

export default async function CreateTenantPage({ searchParams }: PageProps<"/tenants/create">) {
  const actor = await pageActor("tenants.write");
  const { database } = await searchParams;
  const databases = await listCreatable(actor);
  const chosen = databases.find(({ id }) => id === database) ?? databases[0];
  const form = chosen ? await readCreateForm(actor, chosen.id).catch(toRefusal) : null;
  return (
    <Screen
      title="Create tenant"
      above={<Link href="/tenants">Tenants</Link>}
      answer={chosen ? `A row in the tenants table of ${chosen.name}, in the shared tier.` : null}
    >
      {databases.length > 1 ? (
        <LinkTabs
          label="Database"
          tabs={databases.map(({ id, name }) => ({
            href: `/tenants/create?database=${id}`,
            label: name,
            current: id === chosen?.id,
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
        <CreateTenantForm form={form} />
      )}
    </Screen>
  );
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
