"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import type { Place } from "./navigation.ts";
import { scoped, useScope } from "./scope.ts";
import { useSearch } from "./use-search.ts";

interface Entry {
  id: string;
  kind: string;
  title: string;
  detail: string;
  href: string;
}

/** Go anywhere: the areas by name, and whatever an id, a name or a slug leads to. Loaded when it is first opened. */
export default function Palette({ places, onClose }: { places: readonly Place[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const router = useRouter();
  const scope = useScope();
  const [words, setWords] = useState("");
  const search = useSearch(words);

  useEffect(() => dialog.current?.showModal(), []);

  const here = matching(places, words).map((place) => ({
    id: place.href,
    kind: "area",
    title: place.label,
    detail: `g ${place.key}`,
    href: scoped(place.href, scope),
  }));
  const found = words.trim() ? (search.data?.hits ?? []) : [];
  const entries: Entry[] = [...found, ...here];

  function go(entry: Entry) {
    dialog.current?.close();
    router.push(entry.href);
  }

  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-label="Go anywhere"
      className="mt-[12dvh] w-[calc(100vw-24px)] max-w-xl overflow-hidden rounded border border-line bg-surface p-0 shadow-float open:arrives"
    >
      <Autocomplete.Root
        open
        inline
        items={entries}
        filter={null}
        value={words}
        onValueChange={setWords}
        itemToStringValue={(entry: Entry) => entry.title}
        autoHighlight="always"
        keepHighlight
      >
        <div className="flex items-center gap-2 border-line border-b px-3">
          <Search aria-hidden="true" className="size-4 shrink-0 text-faint" />
          <Autocomplete.Input
            aria-label="Name, slug or any id"
            placeholder="Go to a screen, or paste any id, name or slug"
            className="h-11 w-full bg-transparent outline-none placeholder:text-faint"
          />
        </div>
        <Autocomplete.List className="max-h-[50dvh] overflow-y-auto border-line border-b p-1 data-empty:hidden">
          {(entry: Entry) => (
            <Autocomplete.Item
              key={`${entry.kind} ${entry.id}`}
              value={entry}
              onClick={() => go(entry)}
              className="grid min-h-9 cursor-default grid-cols-[6.5rem_minmax(0,1fr)_auto] items-center gap-3 rounded-sm px-2 data-highlighted:bg-accent-soft"
            >
              <span className="text-faint text-xs">{entry.kind}</span>
              <span className="truncate">{entry.title}</span>
              <span className="max-w-52 truncate text-end text-faint text-xs">{entry.detail}</span>
            </Autocomplete.Item>
          )}
        </Autocomplete.List>
      </Autocomplete.Root>
      <p role="status" className="px-3 py-2 text-faint text-xs">
        {sentence(words, entries.length, search)}
      </p>
    </dialog>
  );
}

function matching(places: readonly Place[], words: string): readonly Place[] {
  const wanted = words.trim().toLowerCase();
  return wanted ? places.filter((place) => place.label.toLowerCase().includes(wanted)) : places;
}

function sentence(words: string, entries: number, search: ReturnType<typeof useSearch>): string {
  if (!words.trim())
    return "Whatever has a screen of its own is found by its id, from tenants to audit entries and transactions.";
  if (search.isFetching) return "Looking…";
  if (search.isError) return "The search did not answer. The areas above still work.";
  if (search.data && search.data.silent.length > 0) return `Did not answer: ${search.data.silent.join(", ")}.`;
  return entries === 0 ? "Nothing has this id, name or slug." : "Enter opens, Escape closes.";
}
