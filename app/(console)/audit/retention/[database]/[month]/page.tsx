import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { DangerDialog } from "#components/danger/danger-dialog.tsx";
import { EmptyState } from "#components/feedback/states.tsx";
import { bytes, count } from "#components/numbers/format.ts";
import { Facts } from "#components/page/facts.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { Cell, Head, Row, Table } from "#components/table/table.tsx";
import { When } from "#components/time/when.tsx";
import { Copy } from "#components/ui/copy.tsx";
import { type Archive, archiveOf } from "#db/audit/archive/registry.ts";
import { type ExpiryPlan, monthReference } from "#db/audit/retention/contract.ts";
import { expirySubject } from "#db/audit/retention/expire-month.ts";
import { planExpiry } from "#db/audit/retention/expiry-plan.ts";
import { readableDatabase } from "#db/audit/scope.ts";
import { StartJob } from "../../../../jobs/start-job.tsx";
import { expireMonth, returnMonth } from "../../actions.ts";

export const metadata: Metadata = { title: "Archived month" };

/** One archived month: what is in its file, and what of it is past its time. */
export default async function MonthPage({ params }: PageProps<"/audit/retention/[database]/[month]">) {
  const actor = await pageActor("audit.read");
  const { database, month } = await params;
  const reference = monthReference.safeParse({ databaseId: database, month });
  const archive = reference.success ? await archiveOf(reference.data.databaseId, month) : null;
  if (!reference.success || !archive) notFound();
  const mayManage = actor.capabilities.has("retention.manage");
  const { left, name } = await readableDatabase(archive.databaseId);
  const plan = archive.state === "cold" ? await planExpiry(actor, reference.data) : null;
  const where = left ? "archived; its database is managed no more" : "in PostgreSQL and as a file";
  return (
    <Screen
      title={`${archive.month} of ${name}`}
      above={<Link href="/audit/retention">Retention</Link>}
      answer={`${count(archive.rows)} entries, ${archive.state === "cold" && !left ? "archived" : where}.`}
      actions={
        plan && mayManage && !left ? (
          <StartJob action={returnMonth} input={reference.data}>
            Bring {month} back
          </StartJob>
        ) : null
      }
    >
      <Section title="The file">
        <FileFacts archive={archive} />
      </Section>
      {plan ? (
        <Section title="Past their time" answer={expiryAnswer(plan)}>
          <Expiry plan={plan} databaseId={archive.databaseId} mayManage={mayManage} />
        </Section>
      ) : null}
    </Screen>
  );
}

function FileFacts({ archive }: { archive: Archive }) {
  const { manifest } = archive;
  const text = (name: string) => String(manifest[name] ?? "none");
  return (
    <Facts
      items={[
        { label: "Place", value: archive.place },
        { label: "File", value: <Copy text={archive.key} keep={0} what="the file's key" /> },
        { label: "SHA-256", value: <Copy text={archive.sha256} keep={0} what="the SHA-256" /> },
        { label: "Size", value: bytes(archive.bytes) },
        { label: "Entries", value: `${text("firstId")} to ${text("lastId")}` },
        { label: "Times", value: `${text("firstAt")} to ${text("lastAt")}` },
        { label: "Stored and read back", value: <When at={archive.verifiedAt} /> },
        ...(archive.coldAt ? [{ label: "Partition dropped", value: <When at={archive.coldAt} /> }] : []),
        ...(archive.hotUntil ? [{ label: "Stays in PostgreSQL until", value: <When at={archive.hotUntil} /> }] : []),
      ]}
    />
  );
}

function expiryAnswer({ expired, held }: ExpiryPlan): string {
  if (expired === "0" && held === "0") return "Every entry is within its time.";
  const kept = held === "0" ? "" : ` ${count(held)} more are kept by a legal hold.`;
  return `${count(expired)} entries may be removed.${kept}`;
}

const columns = [
  { label: "Table" },
  { label: "To be removed", align: "end" as const },
  { label: "Held", align: "end" as const },
];

function Expiry({ plan, databaseId, mayManage }: { plan: ExpiryPlan; databaseId: string; mayManage: boolean }) {
  if (plan.byTable.length === 0) return <EmptyState title="Nothing may be removed" />;
  return (
    <div className="grid gap-3">
      <Table label="Entries past their time, by table" stacks={false}>
        <Head columns={columns} />
        <tbody>
          {plan.byTable.map(({ table, expired, held }) => (
            <Row key={table}>
              <Cell mono>{table || "events"}</Cell>
              <Cell align="end">{count(expired)}</Cell>
              <Cell align="end">{count(held)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {plan.holds.length > 0 ? <p className="text-muted">Holds: {plan.holds.join(", ")}.</p> : null}
      {mayManage && plan.expired !== "0" ? (
        <div>
          <DangerDialog
            tier="irreversible"
            verb="retention.expire"
            subject={expirySubject(plan.databaseName, plan.month)}
            effect={`${count(plan.expired)} entries are removed for good; the other ${count(BigInt(plan.rows) - BigInt(plan.expired))} stay. A second person must agree.`}
            fields={{ databaseId, month: plan.month }}
            planHash={plan.hash}
            action={expireMonth}
            confirm={`Remove ${count(plan.expired)} entries`}
            redirectTo="/audit/retention"
          />
        </div>
      ) : null}
    </div>
  );
}
