"use client";
import { Search } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { Place } from "./navigation.ts";

const Palette = dynamic(() => import("./palette.tsx"), { ssr: false });

/** Opens the palette, as does Ctrl or Cmd with K. */
export function PaletteButton({ places }: { places: readonly Place[] }) {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);

  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-keyshortcuts="Control+K Meta+K"
        className="flex h-(--control) min-w-0 items-center gap-2 whitespace-nowrap rounded border border-line bg-surface px-2 text-faint hover:border-edge max-sm:border-transparent sm:w-64"
      >
        <Search aria-hidden="true" className="size-4 shrink-0" />
        <span className="max-sm:sr-only">Search or paste an id</span>
        <kbd className="ml-auto text-xs max-sm:hidden">Ctrl K</kbd>
      </button>
      {open ? <Palette places={places} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
