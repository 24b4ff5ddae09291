import Link from "next/link";
import { Status } from "#components/feedback/status.tsx";
import { Section } from "#components/page/section.tsx";
import { PlanView } from "#components/plan/plan-view.tsx";
import { When } from "#components/time/when.tsx";
import type { ErasurePlan, ErasureRecord, FoundBackup, FoundPaper, NotReached } from "#db/records/erasure/contract.ts";
import { ItemList } from "./item-list.tsx";

/** The plan as people read it: each finding with its method, what stays elsewhere, and the statements. */
export function PlanScreen({ record, plan }: { record: ErasureRecord; plan: ErasurePlan }) {
  return (
    <>
      <Section
        title="Findings"
        answer={
          plan.terms.length === 0
            ? "No words were looked for."
            : `Looked for ${plan.terms.join(", ")}. Words are shown to whoever may erase, and stored sealed.`
        }
      >
        <ItemList id={record.id} items={plan.items} />
        {plan.held === 0 ? null : (
          <p className="mt-2">
            <Status kind="warning">
              A legal hold keeps {plan.held} of these rows: they stay as they are, with their entries.
            </Status>
          </p>
        )}
      </Section>
      <Backups backups={plan.backups} />
      <Papers papers={plan.papers} />
      <Unreached notReached={plan.notReached} />
      <Section title="Statements" answer="They run in one transaction. Keys and words are parameters and not shown.">
        <PlanView statements={plan.statements} hash={plan.hash} />
      </Section>
    </>
  );
}

/** Backups are not rewritten: they hold the person until they go, and are erased again when they are restored. */
export function Backups({ backups }: { backups: readonly FoundBackup[] }) {
  if (backups.length === 0) return null;
  return (
    <Section
      title="Backups that hold the person"
      answer="They are not rewritten. After a restore, erasures are applied again."
    >
      <ul>
        {backups.map(({ id, database, startedAt, expiresAt, stays }) => (
          <li key={id}>
            Backup {database === undefined ? null : `of ${database}, where their tenant lived before, `}of{" "}
            <When at={startedAt} absolute />,{" "}
            {expiresAt === null ? (
              "kept without an end: remove it by hand when it is not needed any more"
            ) : (
              <>
                goes <When at={expiresAt} absolute />
                {stays === "held" ? ", unless a legal hold keeps it still" : null}
                {stays === "newest" ? ", unless no newer good one is there then" : null}
              </>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Files of tenants are neither searched nor rewritten: whoever knows the tenant decides whether one has to go. */
export function Papers({ papers }: { papers: readonly FoundPaper[] }) {
  if (papers.length === 0) return null;
  return (
    <Section
      title="Files of tenants that may hold the person"
      answer="They are neither searched nor rewritten. Where one is read back, erasures have to be applied again."
    >
      <ul>
        {papers.map(({ id, kind, tenantId, madeAt }) => (
          <li key={id}>
            {kind === "archive" ? "Archive" : "Export"} of <When at={madeAt} absolute /> of the tenant{" "}
            <Link href={`/tenants/${tenantId}`} className="font-mono">
              {tenantId}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Unreached({ notReached }: { notReached: readonly NotReached[] }) {
  if (notReached.length === 0) return null;
  return (
    <Section title="Not reached">
      <ul>
        {notReached.map(({ where, why }) => (
          <li key={`${where} ${why}`} className="[overflow-wrap:anywhere]">
            <Status kind="warning">{where}</Status> <span className="text-muted">{why}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
