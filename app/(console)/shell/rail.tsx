"use client";
import { clsx } from "clsx";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useOptimistic, useTransition } from "react";
import { Button } from "#components/ui/button.tsx";
import { setPreferences } from "./actions.ts";
import { Mark } from "./mark.tsx";
import type { Place } from "./navigation.ts";
import type { Preferences } from "./preferences.ts";
import { RailLinks } from "./rail-links.tsx";

/** The left rail: 200 px, or icons alone. */
export function Rail({ places, width }: { places: readonly Place[]; width: Preferences["rail"] }) {
  const [shown, show] = useOptimistic(width);
  const [, start] = useTransition();
  const narrow = shown === "narrow";

  function toggle() {
    start(async () => {
      const next = narrow ? "wide" : "narrow";
      show(next);
      await setPreferences({ rail: next });
    });
  }

  return (
    <nav
      aria-label="Areas"
      data-chrome=""
      className={clsx(
        "sticky top-0 hidden h-dvh shrink-0 flex-col gap-3 border-line border-r bg-sunken px-2 pb-2 md:flex",
        narrow ? "w-13" : "w-50",
      )}
    >
      <div className={clsx("flex h-12 items-center", narrow ? "justify-center" : "px-2")}>
        <Mark narrow={narrow} />
      </div>
      <RailLinks places={places} narrow={narrow} />
      <Button look="ghost" onClick={toggle} className={clsx("mt-auto", narrow ? "px-0" : "justify-start px-2")}>
        {narrow ? <PanelLeftOpen aria-hidden="true" /> : <PanelLeftClose aria-hidden="true" />}
        <span className={narrow ? "sr-only" : undefined}>{narrow ? "Widen the rail" : "Narrow the rail"}</span>
      </Button>
    </nav>
  );
}
