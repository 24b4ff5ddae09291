import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { ActionButton } from "#components/ui/action-button.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { type DatabaseRetention, retentionOf } from "#db/records/retention/overview.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { startPurge } from "./actions.ts";
import { PolicyTable } from "./policy-table.tsx";
import { RunList } from "./run-list.tsx";
import { retentionAnswer } from "./words.ts";

export const metadata: Metadata = { title: "Retention of deleted records" };

/** How long marked rows stay, table by table, and what the purges did. */
export default async function RetentionPage() {
  const actor = await pageActor("records.read");
  const databases = await retentionOf(actor);
  return (
    <Screen title="Retention" answer={retentionAnswer(databases)} filters={<DeletedTabs />}>
      <p className="max-w-[90ch] text-muted">
        Only rows that their table marks as deleted are purged, past the grace period of a policy that two people
        switched on. What a legal hold keeps stays. Purged rows keep their last values in the audit log, from where they
        can be restored until its own retention ends.
      </p>
      {databases.length === 0 ? (
        <EmptyState
          title="No database is adopted"
          action={<LinkButton href="/databases">Look at the databases</LinkButton>}
        >
          The tables of an adopted database that mark their deleted rows would be here.
        </EmptyState>
      ) : null}
      {databases.map((database) => (
        <Database key={database.databaseId} actor={actor} database={database} />
      ))}
    </Screen>
  );
}

function Database({ actor, database }: { actor: Actor; database: DatabaseRetention }) {
  const { databaseId, databaseName, tables, unmarked, runs } = database;
  const policies = tables.flatMap((table) => table.policies).filter(({ deletion }) => deletion !== "never");
  const mayCount = actor.capabilities.has("retention.manage");
  return (
    <Section
      title={databaseName}
      answer={
        unmarked === 0
          ? undefined
          : `${counted(unmarked, "more table")} ${unmarked === 1 ? "has" : "have"} no mark: their rows are gone when they are deleted, but for the audit log.`
      }
      aside={
        tables.length === 0 ? null : (
          <span className="flex flex-wrap gap-2">
            <LinkButton small href={`/deleted/retention/when?database=${databaseId}`}>
              What goes when
            </LinkButton>
            {mayCount && policies.length > 0 ? (
              <ActionButton
                small
                action={startPurge}
                input={{ databaseId, dry: "true" }}
                doneMessage="The dry run is queued."
              >
                Start a dry run
              </ActionButton>
            ) : null}
            {actor.capabilities.has("records.purge") && policies.some(({ onAt }) => onAt !== null) ? (
              <ActionButton
                small
                action={startPurge}
                input={{ databaseId, dry: "false" }}
                doneMessage="The purge is queued."
              >
                Purge now rather than tonight
              </ActionButton>
            ) : null}
          </span>
        )
      }
    >
      <div className="grid gap-5">
        {tables.length === 0 ? (
          <EmptyState title="No table of it marks its deleted rows">
            Where a column such as deleted_at is confirmed in the model, the table can have a policy here.
          </EmptyState>
        ) : (
          <PolicyTable databaseName={databaseName} databaseId={databaseId} tables={tables} actor={actor} />
        )}
        <RunList name={databaseName} runs={runs} />
      </div>
    </Section>
  );
}
