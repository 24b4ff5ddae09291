"use client";
import { useQuery } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { Button } from "#components/ui/button.tsx";

const everyMs = 10_000;
const most = 100;

interface NewerPillProps {
  /** The filter as search params. */
  query: string;
  /** The first row's time and id. */
  at: string;
  id: string;
  /** Databases that the list itself says are silent. */
  told: readonly string[];
}

interface Newer {
  count: number;
  /** Databases that did not answer in time. */
  silent: string[];
}

const none: Newer = { count: 0, silent: [] };

/** "12 new entries" above an open list: it never moves by itself, and is asked again only while somebody looks. */
export function NewerPill({ query, at, id, told }: NewerPillProps) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const { data = none } = useQuery({
    queryKey: ["newer entries", query, at, id],
    refetchInterval: everyMs,
    refetchIntervalInBackground: false,
    retry: false,
    queryFn: ({ signal }) => newer(query, at, id, signal),
  });
  const words = wordsFor(data, told);
  return (
    <div
      role="status"
      className="sticky top-[calc(var(--sticky-top,0px)+8px)] z-15 flex h-0 items-start justify-center"
      data-chrome=""
    >
      {words ? (
        <Button
          look="primary"
          small
          disabled={pending}
          onClick={() => {
            startTransition(() => router.refresh());
            window.scrollTo({ top: 0 });
          }}
          className="shadow-float"
        >
          <ArrowUp aria-hidden="true" />
          {words}
        </Button>
      ) : null}
    </div>
  );
}

/** The click reads the list again, which then says why a database is silent. */
function wordsFor({ count, silent }: Newer, told: readonly string[]): string | null {
  const untold = silent.filter((name) => !told.includes(name));
  const missing = `${untold.join(", ")} ${untold.length === 1 ? "does" : "do"} not answer`;
  if (count === 0) return untold.length > 0 ? `${missing}: read again` : null;
  const found = count >= most ? `${most} or more new entries` : `${count} new ${count === 1 ? "entry" : "entries"}`;
  return untold.length > 0 ? `${found}; ${missing}` : found;
}

/** Without an answer nothing is said: the list itself tells what is wrong when it is asked again. */
async function newer(query: string, at: string, id: string, signal: AbortSignal): Promise<Newer> {
  const params = new URLSearchParams(query);
  params.set("at", at);
  params.set("id", id);
  const response = await fetch(`/api/audit/newer?${params}`, { signal });
  return response.ok ? response.json() : none;
}
