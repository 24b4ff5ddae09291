"use client";
import { RefusalNote } from "#components/feedback/refusal-note.tsx";
import { count } from "#components/numbers/format.ts";
import { notAnswered } from "#components/ui/action-result.ts";
import { Button } from "#components/ui/button.tsx";
import { PageFailure } from "./use-pages.ts";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  error: Error | null;
  fetchNextPage: () => unknown;
}

/** How many are shown, of how many, and the way to more. A page that failed says so and keeps what is there. */
export function ListFooter({ shown, total, pages }: { shown: number; total?: string; pages: Pages }) {
  const failure = pages.error instanceof PageFailure ? pages.error.failure : notAnswered;
  return (
    <div className="mt-2 grid gap-2">
      {pages.error ? <RefusalNote failure={failure} /> : null}
      <div className="flex min-h-8 flex-wrap items-center gap-3 text-faint text-xs">
        <span aria-live="polite">
          {count(shown)} shown{total ? ` of ${total}` : ""}
        </span>
        {pages.hasNextPage ? (
          <Button onClick={() => pages.fetchNextPage()} disabled={pages.isFetchingNextPage} data-chrome="">
            {pages.isFetchingNextPage ? "Loading…" : pages.error ? "Try again" : "Load more"}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
