import type { Metadata } from "next";
import Link from "next/link";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState, PartialNote } from "#components/feedback/states.tsx";
import { Status } from "#components/feedback/status.tsx";
import { bytes, count, counted, percent } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { duration } from "#components/time/duration.ts";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { AdviceList, AdviceRow, Simulation } from "#db/tenants/advice/contract.ts";
import { listAdvice, simulateAdvice } from "#db/tenants/advice/list.ts";
import { listRules } from "#db/tenants/advice/set-rules.ts";
import { adviceQuery } from "#db/tenants/contract.ts";
import { TenantsTabs } from "../tenants-tabs.tsx";
import { RulesForm } from "./rules-form.tsx";

export const metadata: Metadata = { title: "Advice" };

export default async function AdvicePage({ searchParams }: PageProps<"/tenants/advice">) {
  const actor = await pageActor("tenants.read");
  const query = adviceQuery.safeParse(await searchParams);
  const { database, move = [] } = query.success ? query.data : {};
  const advised = await listAdvice(actor, { database });
  const { rows, total } = advised;
  const simulation = move.length > 0 ? await simulateAdvice(actor, { tenants: move }) : null;
  const due = rows.filter((row) => row.due);
  const ruled = actor.capabilities.has("tenants.write") ? await listRules(actor, { database }) : [];
  const place = database ? `&database=${database}` : "";
  return (
    <Screen
      title="Advice"
      answer={answerOf(advised)}
      actions={ruled.map(({ id, name, rules }) => <RulesForm key={id} database={{ id, name }} rules={rules} />)}
      filters={<TenantsTabs />}
    >
      {simulation ? (
        <Section title={`If ${counted(move.length, "tenant")} moved as advised`}>
          <PartialNote silent={simulation.silent} />
          <Simulated simulation={simulation} />
        </Section>
      ) : null}
      {rows.length === 0 ? (
        <EmptyState title="Every tenant lives right">
          Sizes and writes are measured once a day. A tenant that outgrows its tier for a week, or could share again,
          would be here with the reason.
        </EmptyState>
      ) : (
        <>
          <div>
            <LinkButton
              href={`/tenants/advice?move=${(due.length > 0 ? due : rows).map((row) => row.tenantId).join(",")}${place}`}
            >
              Simulate {due.length > 0 ? "those that are due" : "all of them"}
              {rows.length < total ? " here" : ""}
            </LinkButton>
          </div>
          {rows.length < total ? (
            <p className="text-muted">The {count(rows.length)} that have waited longest are shown.</p>
          ) : null}
          <Table label="Advised moves">
            <Head
              columns={[
                { label: "Tenant" },
                { label: "Move" },
                { label: "Reason" },
                { label: "Standing" },
                { label: "Copy, about", align: "end" },
                { label: "Pause, about", align: "end" },
                { label: "Plan", hidden: true },
              ]}
            />
            <tbody>
              {rows.map((row) => (
                <AdviceLine key={row.tenantId} row={row} />
              ))}
            </tbody>
          </Table>
        </>
      )}
    </Screen>
  );
}

function answerOf({ total, due }: AdviceList): string {
  if (total === 0) return "No tenant should live elsewhere.";
  if (due === 0) return `${counted(total, "tenant")} may have to move, none for a week yet.`;
  return `${counted(due, "tenant")} should move; ${count(total - due)} more may have to.`;
}

function AdviceLine({ row }: { row: AdviceRow }) {
  return (
    <Row>
      <Cell narrow="title">
        <Link href={`/tenants/${row.tenantId}`}>{row.name}</Link>
        <span className="block text-faint text-xs">{row.databaseName}</span>
      </Cell>
      <Cell narrow="end" className="whitespace-nowrap">
        {row.from} → {row.to}
      </Cell>
      <Cell narrow="meta">{row.reason}</Cell>
      <Cell narrow="meta" className="whitespace-nowrap">
        {row.due ? <Status kind="warning">due</Status> : <Status kind="neutral">watched</Status>}{" "}
        <span className="text-faint">
          since <When at={row.since} />
        </span>
      </Cell>
      <Cell align="end" narrow="meta">
        <span className="sm:hidden">copy </span>
        {row.copySeconds < 1 ? "under 1 s" : duration(row.copySeconds * 1_000)}
      </Cell>
      <Cell align="end" narrow="meta">
        <span className="sm:hidden">pause </span>
        {row.pauseMs} ms
      </Cell>
      <Cell align="end" narrow="meta" className="whitespace-nowrap [&_a]:text-accent">
        <Link href={`/tenants/advice?move=${row.tenantId}`}>Simulate</Link>
        <Link href={`/tenants/${row.tenantId}/move?tier=${row.to}&plan=1`} className="ml-3">
          Plan
        </Link>
      </Cell>
    </Row>
  );
}

function Simulated({ simulation }: { simulation: Simulation }) {
  return (
    <ul className="grid gap-2">
      {simulation.databases.map((one) => (
        <li key={one.databaseId}>
          <p>
            <SharedTables database={one} />
          </p>
          <p className="text-muted">
            <Status kind={one.lack === null ? "good" : "critical"}>
              {count(one.tablesAfter)} tables after, {count(one.tablesBefore)} now
            </Status>
            {one.lack === null ? "" : `: ${one.lack}`}. One transaction of this server can lock{" "}
            {count(one.lockableTables)}. Its catalogs would be {bytes(one.catalogBytesAfter)}, with{" "}
            {bytes(one.bufferBytes)} of shared buffers. A connection that used all tables would hold about{" "}
            {bytes(one.memoryPerConnection)}; all {count(one.connections)} would have {bytes(one.cacheBytes)} for it.
          </p>
        </li>
      ))}
    </ul>
  );
}

function SharedTables({ database: one }: { database: Simulation["databases"][number] }) {
  const [leaving, arriving] = [Number(one.leavingBytes), Number(one.arrivingBytes)];
  if (leaving === 0 && arriving === 0) return <>What is shared in {one.name} would stay as it is.</>;
  return (
    <>
      The shared tables of {one.name}, {bytes(one.sharedBytes)} now, would{" "}
      {leaving > 0 ? (
        <>
          shrink by <strong>{percent(one.shrinks, 0)}</strong>, {bytes(leaving)}
        </>
      ) : null}
      {leaving > 0 && arriving > 0 ? ", and " : ""}
      {arriving > 0 ? (
        <>
          grow by <strong>{bytes(arriving)}</strong>
        </>
      ) : null}
      .
    </>
  );
}
