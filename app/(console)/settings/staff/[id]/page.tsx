import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { Refusal } from "#db/errors.ts";
import { listApiTokens } from "#db/staff/api-tokens.ts";
import { idSchema } from "#db/staff/contract.ts";
import { readStaffMember } from "#db/staff/people.ts";
import { listSessions } from "#db/staff/sessions.ts";
import { ApiTokens } from "../../api-tokens.tsx";
import { SessionTable } from "../../session-table.tsx";
import { ChangeRole, DisablePerson } from "../person-actions.tsx";

export const metadata: Metadata = { title: "Member of staff" };

export default async function PersonPage({ params }: PageProps<"/settings/staff/[id]">) {
  const actor = await pageActor("staff.manage");
  const parsed = idSchema.safeParse(await params);
  if (!parsed.success) notFound();
  const { id: staffId } = parsed.data;
  const person = await readStaffMember(actor, staffId).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === "not_found") notFound();
    throw error;
  });
  const [sessions, tokens, databases] = await Promise.all([
    listSessions(actor, { staffId }),
    listApiTokens(actor, { staffId }),
    adoptedDatabases(actor),
  ]);
  const can = person.disabledAt === null ? person.role : "disabled";
  return (
    <Screen
      above={<Link href="/settings/staff">Staff</Link>}
      title={person.name}
      answer={`${person.email}, ${can}: ${counted(sessions.length, "open session")} and ${counted(tokens.length, "API token")}.`}
      actions={
        person.disabledAt === null ? (
          <>
            <ChangeRole person={person} />
            <DisablePerson person={person} />
          </>
        ) : null
      }
    >
      <Section title="Sessions" answer="One that is ended is refused at its next request; the others go on.">
        {sessions.length === 0 ? (
          <EmptyState title="No open session">What this person did stays in the audit log.</EmptyState>
        ) : (
          <SessionTable sessions={sessions} />
        )}
      </Section>
      <Section title="API tokens" answer="One that is revoked is refused at once; the others go on.">
        <ApiTokens tokens={tokens} none="No script acts for this person." databases={databases} />
      </Section>
    </Screen>
  );
}
