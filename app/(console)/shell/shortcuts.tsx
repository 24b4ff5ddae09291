"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "#components/ui/dialog.tsx";
import type { Place } from "./navigation.ts";
import { scoped, useScope } from "./scope.ts";

const chordMs = 1200;

/** g and a letter goes to an area, / to the filter, j and k to the list, ? opens the list. Single keys can be turned off in the person's menu. */
export function Shortcuts({ places, enabled }: { places: readonly Place[]; enabled: boolean }) {
  const router = useRouter();
  const scope = useScope();
  const [help, setHelp] = useState(false);
  const chordAt = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    const open = () => setHelp(true);
    window.addEventListener("caretaker:help", open);
    return () => window.removeEventListener("caretaker:help", open);
  }, []);

  useEffect(() => {
    if (!enabled) return;
    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isModal()) return;
      const chord = performance.now() - chordAt.current < chordMs;
      chordAt.current = event.key === "g" && !chord ? performance.now() : Number.NEGATIVE_INFINITY;
      const place = chord ? places.find((one) => one.key === event.key) : undefined;
      if (place) router.push(scoped(place.href, scope));
      else if (event.key === "?") setHelp(true);
      else if (event.key === "/" && focusFirst("main search input")) event.preventDefault();
      else if (isListKey(event) && focusFirst("main tr[data-row][tabindex='0']")) event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [enabled, places, router, scope]);

  return (
    <Dialog open={help} onClose={() => setHelp(false)} title="Keyboard shortcuts">
      {enabled ? null : (
        <p className="mb-3 text-muted">Single-key shortcuts are turned off in your menu at the top right.</p>
      )}
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5">
        <Shortcut keys="Ctrl K or ⌘ K" does="Go anywhere, paste any id" />
        {places.map((place) => (
          <Shortcut key={place.href} keys={`g ${place.key}`} does={place.label} />
        ))}
        <Shortcut keys="/" does="To the first filter" />
        <Shortcut keys="j k or ↓ ↑" does="Move through a list" />
        <Shortcut keys="Enter" does="Open the row" />
        <Shortcut keys="x, shift x" does="Select the row, or up to it" />
        <Shortcut keys="?" does="This list" />
      </dl>
    </Dialog>
  );
}

function Shortcut({ keys, does }: { keys: string; does: string }) {
  return (
    <>
      <dt>
        <kbd className="rounded-sm border border-line bg-sunken px-1.5 text-xs">{keys}</kbd>
      </dt>
      <dd>{does}</dd>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function isModal(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

/** j or k from anywhere but a list, whose rows know them themselves. */
function isListKey({ key, target }: KeyboardEvent): boolean {
  return (key === "j" || key === "k") && !(target instanceof Element && target.closest("tr[data-row]"));
}

function focusFirst(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  return found !== null;
}
