import type { Place } from "./navigation.ts";
import { PaletteButton } from "./palette-button.tsx";
import { PersonMenu } from "./person-menu.tsx";
import type { Preferences } from "./preferences.ts";
import { RailSheet } from "./rail-sheet.tsx";
import { RunningJobs } from "./running-jobs.tsx";
import { type ScopeDatabase, ScopeMenu } from "./scope-menu.tsx";

interface TopBarProps {
  places: readonly Place[];
  databases: ScopeDatabase[];
  person: { name: string; role: string };
  preferences: Preferences;
  showJobs: boolean;
}

/** Scope at the left; search, running jobs and the person at the right. */
export function TopBar({ places, databases, person, preferences, showJobs }: TopBarProps) {
  return (
    <header
      data-chrome=""
      className="sticky top-0 z-20 flex h-12 items-center gap-2 border-line border-b bg-canvas px-2 md:px-4"
    >
      <RailSheet places={places} />
      <ScopeMenu databases={databases} />
      <div className="ml-auto flex shrink-0 items-center gap-1">
        <PaletteButton places={places} />
        {showJobs ? <RunningJobs /> : null}
        <PersonMenu name={person.name} role={person.role} preferences={preferences} />
      </div>
    </header>
  );
}
