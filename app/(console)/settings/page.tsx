import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { capabilities } from "#db/capabilities.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { listApiTokens } from "#db/staff/api-tokens.ts";
import { listSessions } from "#db/staff/sessions.ts";
import { ApiTokens } from "./api-tokens.tsx";
import { CreateApiToken } from "./create-api-token.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SessionTable } from "./session-table.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

export const metadata: Metadata = { title: "Your account" };

export default async function AccountPage() {
  const actor = await pageActor("self.manage");
  const [sessions, tokens, databases] = await Promise.all([
    listSessions(actor),
    listApiTokens(actor),
    adoptedDatabases(actor),
  ]);
  const usable = tokens.filter(({ expired }) => !expired).length;
  return (
    <Screen
      title="Your account"
      answer={`${actor.name}, ${actor.role}. You have ${counted(sessions.length, "open session")} and ${counted(usable, "API token")} that can act for you.`}
      filters={<SettingsTabs actor={actor} />}
    >
      <Section title="Sessions" answer="Each ends after 30 minutes without use, and after 12 hours in any case.">
        <SessionTable sessions={sessions} />
      </Section>
      <Section
        title="API tokens"
        aside={
          <CreateApiToken
            offered={capabilities.filter((capability) => actor.capabilities.has(capability))}
            databases={databases}
          />
        }
        answer="For scripts and the command line: a token does what you chose for it, as far as your role allows it at that moment."
      >
        <ApiTokens
          tokens={tokens}
          none="Create one to use the command line or the API from a script."
          databases={databases}
        />
      </Section>
      <Section title="Password" answer="Changing it ends your other sessions.">
        <PasswordForm />
      </Section>
    </Screen>
  );
}

function counted(count: number, noun: string): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : "s"}`;
}
