"use client";
import { Menu as MenuIcon, X } from "lucide-react";
import { useRef } from "react";
import { Button } from "#components/ui/button.tsx";
import { Mark } from "./mark.tsx";
import type { Place } from "./navigation.ts";
import { RailLinks } from "./rail-links.tsx";

/** The rail of a narrow screen: a sheet over the page. */
export function RailSheet({ places }: { places: readonly Place[] }) {
  const sheet = useRef<HTMLDialogElement>(null);
  const close = () => sheet.current?.close();
  return (
    <>
      <Button
        look="ghost"
        aria-label="Open the areas"
        onClick={() => sheet.current?.showModal()}
        className="px-1.5 md:hidden"
      >
        <MenuIcon aria-hidden="true" />
      </Button>
      <dialog
        ref={sheet}
        aria-label="Areas"
        className="m-0 h-dvh max-h-none w-60 max-w-[80vw] border-line border-r bg-surface p-2 shadow-float open:arrives"
      >
        <div className="mb-2 flex h-10 items-center justify-between pl-2">
          <Mark />
          <Button look="ghost" aria-label="Close" onClick={close} className="px-1.5">
            <X aria-hidden="true" />
          </Button>
        </div>
        <nav aria-label="Areas">
          <RailLinks places={places} onGo={close} />
        </nav>
      </dialog>
    </>
  );
}
