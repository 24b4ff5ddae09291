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
}

/** "12 new entries" above an open list: it never moves by itself, and is asked again only while somebody looks. */
export function NewerPill({ query, at, id }: NewerPillProps) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const { data = 0 } = useQuery({
    queryKey: ["newer entries", query, at, id],
    refetchInterval: everyMs,
    refetchIntervalInBackground: false,
    retry: false,
    queryFn: ({ signal }) => count(query, at, id, signal),
  });
  return (
    <div role="status" className="sticky top-2 z-10 flex h-0 items-start justify-center" data-chrome="">
      {data > 0 ? (
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
          {data >= most ? `${most} or more new entries` : `${data} new ${data === 1 ? "entry" : "entries"}`}
        </Button>
      ) : null}
    </div>
  );
}

/** Without an answer nothing is said: the list itself tells what is wrong when it is asked again. */
async function count(query: string, at: string, id: string, signal: AbortSignal): Promise<number> {
  const params = new URLSearchParams(query);
  params.set("at", at);
  params.set("id", id);
  const response = await fetch(`/api/audit/newer?${params}`, { signal });
  if (!response.ok) return 0;
  const answer: { count: number } = await response.json();
  return answer.count;
}
