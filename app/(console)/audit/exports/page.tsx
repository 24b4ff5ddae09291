import type { Metadata } from "next";
import { pageActor } from "#app/_server/session.ts";
import { EmptyState } from "#components/feedback/states.tsx";
import { Screen } from "#components/page/screen.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { ExportView } from "#db/audit/export/contract.ts";
import { listExports } from "#db/audit/export/list.ts";
import { AuditTabs } from "../audit-tabs.tsx";
import { ExportList } from "./export-list.tsx";

export const metadata: Metadata = { title: "Exports" };

export default async function ExportsPage() {
  const actor = await pageActor("audit.read");
  const page = await listExports(actor);
  const mayExport = actor.capabilities.has("audit.export");
  return (
    <Screen
      title="Exports"
      answer={answerOf(page.rows)}
      actions={
        mayExport ? (
          <LinkButton look="primary" href="/audit/exports/new">
            New export
          </LinkButton>
        ) : null
      }
      filters={<AuditTabs />}
    >
      <ExportList
        rows={page.rows}
        next={page.next}
        empty={
          <EmptyState
            title="Nothing has been exported yet"
            action={mayExport ? <LinkButton href="/audit/exports/new">Export the log</LinkButton> : null}
          >
            An export holds exactly what a filter shows, however many entries that are, with a manifest and a closing
            line by which a cut-off file gives itself away.
          </EmptyState>
        }
      />
    </Screen>
  );
}

function answerOf(rows: readonly ExportView[]): string {
  const running = rows.filter(({ state }) => state === "running" || state === "queued").length;
  const ready = rows.filter(({ state }) => state === "ready").length;
  if (rows.length === 0) return "Who took what from the log is kept here for good.";
  const one = ready === 1 ? "1 export is ready" : `${ready} exports are ready`;
  return running === 0 ? `${one} to download.` : `${one} to download, ${running} under way.`;
}
