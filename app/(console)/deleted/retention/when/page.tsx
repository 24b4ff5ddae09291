import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { z } from "zod";
import { pageActor } from "#app/_server/session.ts";
import { FailedState } from "#components/feedback/failed-state.tsx";
import { Screen } from "#components/page/screen.tsx";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { Refusal } from "#db/errors.ts";
import { simulateAll } from "#db/records/retention/overview.ts";
import { SimulationView } from "../simulation-view.tsx";

export const metadata: Metadata = { title: "What goes when" };

const asked = z.object({ database: z.uuid() });

/** What the policies of one database remove, day by day. */
export default async function WhenPage({ searchParams }: PageProps<"/deleted/retention/when">) {
  const actor = await pageActor("records.read");
  const { data } = asked.safeParse(await searchParams);
  const database = (await adoptedDatabases(actor)).find(({ id }) => id === data?.database);
  if (!database) notFound();
  const simulation = await simulateAll(actor, database.id).catch(refusalOnly);
  return (
    <Screen
      title={`What goes when in ${database.name}`}
      above={<Link href="/deleted/retention">Retention</Link>}
      answer="By its policies as they are, if nothing changes; those that are not switched on only count."
    >
      {simulation instanceof Refusal ? (
        <FailedState title={simulation.message}>{simulation.fix}</FailedState>
      ) : (
        <SimulationView simulation={simulation} />
      )}
    </Screen>
  );
}

function refusalOnly(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
