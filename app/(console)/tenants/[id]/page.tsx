import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache, Suspense } from "react";
import { pageActor } from "#app/_server/session.ts";
import { Skeleton } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, counted, percent } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { Refusal } from "#db/errors.ts";
import type { TenantDetail } from "#db/tenants/contract.ts";
import { sizeHistory } from "#db/tenants/history.ts";
import { listPapers } from "#db/tenants/leave/papers.ts";
import { readTenant } from "#db/tenants/read.ts";
import { statusKinds, tierWords } from "../words.ts";
import { Backups } from "./backups.tsx";
import { Connections } from "./connections.tsx";
import { ContractFacts } from "./contract-facts.tsx";
import { DeletedRecords } from "./deleted-records.tsx";
import { Moves } from "./moves.tsx";
import { Papers } from "./papers.tsx";
import { Placements } from "./placements.tsx";
import { RecentAudit } from "./recent-audit.tsx";
import { Settings } from "./settings.tsx";
import { SizeHistory } from "./size-history.tsx";
import { Sizes } from "./sizes.tsx";
import { Statements } from "./statements.tsx";
import { TenantActions } from "./tenant-actions.tsx";

const tenantOf = cache(async (id: string): Promise<TenantDetail> => {
  const actor = await pageActor("tenants.read");
  try {
    return await readTenant(actor, id);
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: PageProps<"/tenants/[id]">): Promise<Metadata> {
  return { title: (await tenantOf((await params).id)).name };
}

export default async function TenantPage({ params }: PageProps<"/tenants/[id]">) {
  const tenant = await tenantOf((await params).id);
  const actor = await pageActor("tenants.read");
  const mayWrite = actor.capabilities.has("tenants.write");
  const [days, papers] = await Promise.all([sizeHistory(actor, tenant.id), listPapers(actor, tenant.id)]);
  // Of one that left, what is told is what was, and nothing of it can be measured or looked up any more.
  const lives = tenant.status !== "archived";
  const files = (
    <Section title="Files and certificates">
      <Papers tenant={tenant} papers={papers} mayWrite={mayWrite} />
    </Section>
  );
  return (
    <Screen
      title={tenant.name}
      above={<Link href="/tenants">Tenants</Link>}
      answer={<Answer tenant={tenant} />}
      actions={
        <>
          {actor.capabilities.has("tenants.move") && tenant.tier ? (
            <LinkButton href={`/tenants/${tenant.id}/move`}>Move…</LinkButton>
          ) : null}
          {mayWrite && lives ? <TenantActions tenant={tenant} /> : null}
        </>
      }
    >
      <div className="grid gap-x-10 gap-y-6 lg:grid-cols-2">
        <div className="grid content-start gap-6">
          <Section title="Identity">
            <Facts items={identityOf(tenant)} />
          </Section>
          <Section title="Placement">
            <Placements placements={tenant.placements} />
          </Section>
          {lives ? null : files}
          <Section title="Contract and notes">
            <ContractFacts tenant={tenant} mayWrite={mayWrite} />
          </Section>
          {lives ? (
            <Section title="Settings" aside="as the application's own table has them">
              <Suspense fallback={<Skeleton rows={4} label="Reading its settings" />}>
                <Settings tenant={tenant} />
              </Suspense>
            </Section>
          ) : null}
          <Section
            title="Moves"
            aside={<Link href={`/tenants/moves?tenant=${tenant.id}`}>All moves of this tenant</Link>}
          >
            <Suspense fallback={<Skeleton rows={2} label="Looking for moves" />}>
              <Moves tenantId={tenant.id} />
            </Suspense>
          </Section>
          {lives ? (
            <Section title="Size by table" aside={tenant.sizedAt ? <Measured at={tenant.sizedAt} /> : "never measured"}>
              <Sizes tenant={tenant} mayMeasure={mayWrite} />
              <SizeHistory days={days} />
            </Section>
          ) : null}
          {lives ? files : null}
        </div>
        <div className="grid content-start gap-6">
          <Section title="Recent changes" aside={<Link href={`/audit?tenant=${tenant.id}`}>All in the audit log</Link>}>
            <Suspense fallback={<Skeleton rows={6} label="Reading the audit log" />}>
              <RecentAudit tenantId={tenant.id} />
            </Suspense>
          </Section>
          {lives ? <Work tenant={tenant} /> : null}
          <Section
            title="Deleted records"
            aside={<Link href={`/deleted?tenant=${tenant.id}`}>All deleted records</Link>}
          >
            <Suspense fallback={<Skeleton rows={4} label="Looking for deleted records" />}>
              <DeletedRecords tenantId={tenant.id} />
            </Suspense>
          </Section>
          {lives ? (
            <Section title="Backups" aside={<Link href="/backups">All backups</Link>}>
              <Suspense fallback={<Skeleton rows={2} label="Looking for backups" />}>
                <Backups tenant={tenant} />
              </Suspense>
            </Section>
          ) : null}
        </div>
      </div>
    </Screen>
  );
}

/** What the application does for the tenant now. */
function Work({ tenant }: { tenant: TenantDetail }) {
  return (
    <>
      <Section title="Connections">
        <Suspense fallback={<Skeleton rows={3} label="Looking for connections" />}>
          <Connections tenant={tenant} />
        </Suspense>
      </Section>
      <Section title="Statements" aside="dearest first">
        <Suspense fallback={<Skeleton rows={3} label="Looking for statements" />}>
          <Statements tenant={tenant} />
        </Suspense>
      </Section>
    </>
  );
}

function Answer({ tenant }: { tenant: TenantDetail }) {
  if (tenant.status === "archived") {
    return (
      <>
        <Status kind={statusKinds.archived}>archived</Status>: it lives in no place that the console manages.
      </>
    );
  }
  const place = tenant.tier ? `lives in ${tierWords[tenant.tier]} of ${tenant.databaseName}` : "has no open placement";
  const size = tenant.sizeBytes === null ? "not measured yet" : `about ${bytes(tenant.sizeBytes)}`;
  const tables = tenant.sizes.length > 0 ? ` in ${counted(tenant.sizes.length, "table")}` : "";
  return (
    <>
      <Status kind={statusKinds[tenant.status]}>{tenant.status}</Status>: it {place}, {size}
      {tables}.
    </>
  );
}

function Measured({ at }: { at: string }) {
  return (
    <>
      estimated <When at={at} align="end" />
    </>
  );
}

function identityOf(tenant: TenantDetail) {
  return [
    { label: "Id", value: <Copy text={tenant.id} keep={0} what="tenant id" /> },
    { label: "Key in the application", value: <Copy text={tenant.key} keep={0} what="tenant key" /> },
    { label: "Slug", value: tenant.slug ? <Copy text={tenant.slug} what="slug" /> : "none" },
    {
      label: "Status",
      value: (
        <>
          {tenant.status}, since <When at={tenant.statusChangedAt} />
          {tenant.statusReason ? `: ${tenant.statusReason}` : ""}
        </>
      ),
    },
    { label: "Known since", value: <When at={tenant.createdAt} /> },
    {
      label: "Activity",
      value: (
        <>
          {tenant.writes === null
            ? "not counted yet"
            : `${counted(Number(tenant.writes), "write")} in the last day counted`}
          {tenant.writeShare === null ? "" : `, ${percent(tenant.writeShare, 0)} of its database's`}; last{" "}
          <When at={tenant.lastActiveAt} none="none seen" />
        </>
      ),
    },
    ...(tenant.status === "archived" ? [] : [{ label: "Advice", value: adviceOf(tenant) }]),
  ];
}

function adviceOf({ advisedTier, adviceReason }: TenantDetail): string {
  return advisedTier ? `Move to ${tierWords[advisedTier]}: ${adviceReason ?? ""}` : "It lives right.";
}
