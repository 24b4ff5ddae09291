import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { DatabaseCoverage } from "./database-coverage.tsx";
import { FleetCoverage } from "./fleet-coverage.tsx";
import { consoleLog } from "./words.ts";

export const metadata: Metadata = { title: "Coverage" };

export default async function CoveragePage({ searchParams }: PageProps<"/audit/coverage">) {
  const actor = await pageActor("audit.read");
  const params = await searchParams;
  const databases = [...(await adoptedDatabases(actor)), { id: consoleLog, name: "Console" }];
  const wanted = typeof params.database === "string" && params.database !== "" ? params.database : null;
  if (wanted === null) {
    return (
      <Screen
        title="Coverage"
        answer="What the audit trail covers, database by database: what is recorded, what is not, and why."
      >
        <AuditTabs />
        <FleetCoverage actor={actor} databases={databases} />
      </Screen>
    );
  }
  const database = databases.find(({ id }) => id === wanted);
  if (!database) notFound();
  return (
    <Screen
      title={`Coverage of ${database.name}`}
      actions={<LinkButton href="/audit/coverage">All databases</LinkButton>}
    >
      <AuditTabs />
      <DatabaseCoverage
        actor={actor}
        database={database}
        state={typeof params.state === "string" ? params.state : ""}
        find={typeof params.find === "string" ? params.find : ""}
      />
    </Screen>
  );
}
