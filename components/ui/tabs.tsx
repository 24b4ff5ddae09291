"use client";
import { clsx } from "clsx";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";

export interface LinkTab {
  href: string;
  label: string;
  count?: string;
  /** What of the address's query it takes along. */
  keeps?: readonly string[];
  /** Where the screen knows better than its address, such as a choice that it makes itself. */
  current?: boolean;
}

/** Tabs that are addresses: the current one is the one whose path, and query where it has one, matches. */
export function LinkTabs({ label, tabs }: { label: string; tabs: LinkTab[] }) {
  const path = usePathname();
  const query = useSearchParams();
  return (
    <nav aria-label={label} className="min-w-0 border-line border-b" data-chrome="">
      <div className="-mx-1 -mb-px flex gap-2 overflow-x-auto">
        {tabs.map((tab) => {
          const current = tab.current ?? isCurrent(tab.href, path, query);
          return (
            <Link
              key={tab.href}
              href={withParams(tab, query)}
              ref={current ? intoView : undefined}
              aria-current={current ? "page" : undefined}
              className={clsx(
                // What scrolls cuts off a ring around it, so that the ring is within.
                "flex min-h-8 items-center gap-1.5 whitespace-nowrap border-b-2 px-1 focus-visible:-outline-offset-2",
                current ? "border-accent font-medium text-ink" : "border-transparent text-muted hover:text-ink",
              )}
            >
              {tab.label}
              {tab.count ? <span className="text-faint text-xs">{tab.count}</span> : null}
            </Link>
          );
        })}
      </div>
    </nav>
  );
}

/** On a narrow screen the tabs scroll; the current one is never out of sight. */
function intoView(tab: HTMLAnchorElement | null): void {
  const tabs = tab?.parentElement;
  if (tab && tabs) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
}

function withParams({ href, keeps = [] }: LinkTab, query: URLSearchParams): string {
  const kept = keeps.flatMap((name) => query.getAll(name).map((value) => [name, value]));
  return kept.length === 0 ? href : `${href}?${new URLSearchParams(kept)}`;
}

function isCurrent(href: string, path: string, query: URLSearchParams): boolean {
  const target = new URL(href, "http://here");
  if (target.pathname !== path) return false;
  return [...target.searchParams].every(([name, value]) => (query.get(name) ?? "") === value);
}
