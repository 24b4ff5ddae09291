import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { DatabaseMonths } from "#db/audit/retention/contract.ts";
import { listHolds } from "#db/audit/retention/holds.ts";
import { retentionOverview } from "#db/audit/retention/overview.ts";
import { holdWords } from "../../deleted/holds/words.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { MonthTable } from "./month-table.tsx";
import { ChangeRule, RuleList } from "./rules.tsx";
import { answerOf } from "./words.ts";

export const metadata: Metadata = { title: "Retention" };

export default async function RetentionPage() {
  const actor = await pageActor("audit.read");
  const [databases, holds] = await Promise.all([retentionOverview(actor), listHolds(actor)]);
  const mayManage = actor.capabilities.has("retention.manage");
  const standing = holds.filter(({ releasedAt }) => releasedAt === null);
  return (
    <Screen title="Retention" answer={answerOf(databases, holds)}>
      <AuditTabs />
      <Section
        title="Legal holds"
        answer="They keep entries whatever their retention, and rows of the databases as well."
        aside={
          <LinkButton small href="/deleted/holds">
            Look at the holds
          </LinkButton>
        }
      >
        <p>
          {standing.length === 0
            ? "Nothing is held."
            : standing.map(({ name, ...hold }) => `${name}: ${holdWords(hold)}`).join("; ")}
        </p>
      </Section>
      {databases.map((database) => (
        <Database key={database.databaseId} database={database} mayManage={mayManage} />
      ))}
    </Screen>
  );
}

function Database({ database, mayManage }: { database: DatabaseMonths; mayManage: boolean }) {
  const { databaseId, databaseName, rules, withoutEffect, months, silent, left } = database;
  return (
    <Section
      title={databaseName}
      aside={
        mayManage && !left ? <ChangeRule databaseId={databaseId} databaseName={databaseName} rules={rules} /> : null
      }
    >
      <div className="grid gap-3">
        {left ? (
          <p className="text-muted">
            This database is managed no more. Its archived months stay searchable until their time is over; they cannot
            be brought back.
          </p>
        ) : null}
        <RuleList rules={rules} withoutEffect={withoutEffect} />
        {silent ? (
          <FailedState title="This database did not say which months it holds">
            {silent} The archived months below are known without it.
          </FailedState>
        ) : null}
        {months.length === 0 ? null : (
          <MonthTable name={databaseName} months={months} mayManage={mayManage} left={left} />
        )}
      </div>
    </Section>
  );
}
