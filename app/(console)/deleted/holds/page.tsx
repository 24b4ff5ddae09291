import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import { listStandingHolds } from "#db/records/holds/standing.ts";
import { DeletedTabs } from "../deleted-tabs.tsx";
import { HoldList } from "./hold-list.tsx";
import { holdsAnswer } from "./words.ts";

export const metadata: Metadata = { title: "Legal holds" };

/** What nothing may remove, and whether it is so in each database. */
export default async function HoldsPage() {
  const actor = await pageActor("records.read");
  const holds = await listStandingHolds(actor);
  const mayManage = actor.capabilities.has("retention.manage");
  return (
    <Screen
      title="Legal holds"
      answer={holdsAnswer(holds)}
      filters={<DeletedTabs />}
      actions={
        mayManage ? (
          <LinkButton href="/deleted/holds/place" look="primary">
            Place a hold
          </LinkButton>
        ) : null
      }
    >
      {holds.length === 0 ? (
        <EmptyState title="No hold was ever placed">
          A hold keeps a tenant, a record, a person or rows with certain values: neither the application nor this
          console can remove them, in their database itself, until two people release it.
        </EmptyState>
      ) : (
        <HoldList holds={holds} mayManage={mayManage} />
      )}
    </Screen>
  );
}
