import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Status } from "#components/feedback/status.tsx";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { healthQuery } from "#db/health/contract.ts";
import { readFleetHealth } from "#db/health/read.ts";
import { Checks } from "./checks.tsx";
import { answerOf, byUrgency, verdictWords } from "./words.ts";

export const metadata: Metadata = { title: "Performance" };

export default async function PerformancePage({ searchParams }: PageProps<"/performance">) {
  const actor = await pageActor("health.read");
  const parsed = healthQuery.safeParse(await searchParams);
  const query = parsed.success ? parsed.data : {};
  const health = await readFleetHealth(actor, query);
  const here = query.database ? `/performance?database=${query.database}` : "/performance";
  return (
    <Screen
      title="Performance"
      answer={
        <>
          {answerOf(health)} Asked <When at={health.asOf} />.
        </>
      }
      actions={<LinkButton href={here}>Ask again</LinkButton>}
    >
      {health.silent.map((one) => (
        <FailedState
          key={one.databaseId}
          title={`${one.name} did not answer`}
          action={<LinkButton href={here}>Ask again</LinkButton>}
        >
          Nothing is known about its health: {one.reason}
        </FailedState>
      ))}
      <div className="grid gap-8">
        {byUrgency(health.databases).map((database) => (
          <Section
            key={database.databaseId}
            title={
              <span className="inline-flex flex-wrap items-baseline gap-x-3">
                {database.name}
                <Status kind={database.verdict}>{verdictWords[database.verdict]}</Status>
              </span>
            }
            aside={`PostgreSQL ${database.version}${database.serverName ? `, on ${database.serverName}` : ", the control database"}`}
          >
            <Checks checks={byUrgency(database.checks)} />
          </Section>
        ))}
      </div>
    </Screen>
  );
}
