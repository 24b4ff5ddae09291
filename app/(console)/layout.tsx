import type { ReactNode } from "react";
import { readPreferences } from "#app/_server/preferences.ts";
import { pageActor } from "#app/_server/session.ts";
import { adoptedDatabases } from "#db/databases/adopted.ts";
import { askSecondPerson, proveAgain } from "./shell/actions.ts";
import { places } from "./shell/navigation.ts";
import { Providers } from "./shell/providers.tsx";
import { Rail } from "./shell/rail.tsx";
import { Shortcuts } from "./shell/shortcuts.tsx";
import { TopBar } from "./shell/top-bar.tsx";

/** The shell. It is a courtesy to whoever is signed in: every screen asks for its own capability, and every verb again. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const actor = await pageActor("self.manage");
  const [preferences, databases] = await Promise.all([readPreferences(), adoptedDatabases(actor)]);
  const reachable = places.filter((place) => actor.capabilities.has(place.capability));
  return (
    <Providers
      clock={preferences.clock}
      zone={preferences.zone}
      renderedAt={Date.now()}
      reauthenticate={proveAgain}
      propose={askSecondPerson}
    >
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded border border-accent bg-surface px-3 py-1.5 focus:translate-y-0"
      >
        Skip to the content
      </a>
      <div className="flex min-h-dvh [--sticky-top:48px]">
        <Rail places={reachable} width={preferences.rail} />
        <div className="flex min-w-0 grow flex-col">
          <TopBar
            places={reachable}
            databases={databases}
            person={{ name: actor.name, role: actor.role }}
            preferences={preferences}
            showJobs={actor.capabilities.has("jobs.read")}
          />
          <main id="content" tabIndex={-1} className="min-w-0 grow outline-none">
            {children}
          </main>
        </div>
      </div>
      <Shortcuts places={reachable} enabled={preferences.keys === "on"} />
    </Providers>
  );
}
