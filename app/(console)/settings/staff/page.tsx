import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { Screen } from "#components/page/screen.tsx";
import { Section } from "#components/page/section.tsx";
import { listInvitations } from "#db/staff/invitations.ts";
import { listStaff } from "#db/staff/people.ts";
import { SettingsTabs } from "../settings-tabs.tsx";
import { InvitationTable } from "./invitation-table.tsx";
import { InvitePerson } from "./invite-person.tsx";
import { PeopleTable } from "./people-table.tsx";
import { RolesTable } from "./roles-table.tsx";

export const metadata: Metadata = { title: "Staff" };

export default async function StaffPage() {
  const actor = await pageActor("staff.read");
  const [people, invitations] = await Promise.all([listStaff(actor), listInvitations(actor)]);
  const active = people.filter(({ disabledAt }) => disabledAt === null);
  const administrators = active.filter(({ role }) => role === "administrator").length;
  const manages = actor.capabilities.has("staff.manage");
  return (
    <Screen
      title="Staff"
      answer={`${active.length} people can sign in, ${administrators} of them as administrator; ${invitations.length} invitations are open.`}
      actions={manages ? <InvitePerson /> : null}
      filters={<SettingsTabs actor={actor} />}
    >
      <Section title="People">
        <PeopleTable people={people} self={actor.staffId} manages={manages} />
      </Section>
      <Section title="Open invitations">
        <InvitationTable invitations={invitations} manages={manages} />
      </Section>
      <Section title="Roles" answer="What each role may do. A change of role ends the person's sessions.">
        <RolesTable />
      </Section>
    </Screen>
  );
}
