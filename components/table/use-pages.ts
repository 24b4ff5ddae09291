"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Failure } from "#components/ui/action-result.ts";

export interface ListPage<Row> {
  rows: Row[];
  next: string | null;
}

/** Carries what a route handler refused, to be shown as it was said. */
export class PageFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * The first page came with the screen; later ones are fetched by cursor from `endpoint`, which answers `{rows, next}`.
 * The first page is part of the key: when the server sends a new one, the list starts again from it.
 */
export function usePages<Row>(endpoint: string | undefined, first: ListPage<Row>) {
  return useInfiniteQuery({
    queryKey: ["list", endpoint, first],
    initialPageParam: null as string | null,
    initialData: { pages: [first], pageParams: [null] },
    queryFn: ({ pageParam, signal }) => fetchPage<Row>(endpoint ?? "", pageParam, signal),
    getNextPageParam: (last) => (endpoint ? last.next : null),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

async function fetchPage<Row>(endpoint: string, cursor: string | null, signal: AbortSignal): Promise<ListPage<Row>> {
  const url = new URL(endpoint, window.location.origin);
  if (cursor) url.searchParams.set("cursor", cursor);
  const response = await fetch(url, { signal, headers: { accept: "application/json" } });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && isPage<Row>(body)) return body;
  throw new PageFailure(isFailure(body) ? body : unanswered(response.status));
}

function isPage<Row>(body: unknown): body is ListPage<Row> {
  return typeof body === "object" && body !== null && "rows" in body && Array.isArray(body.rows) && "next" in body;
}

function isFailure(body: unknown): body is Failure {
  return typeof body === "object" && body !== null && "ok" in body && body.ok === false && "message" in body;
}

function unanswered(status: number): Failure {
  return { ok: false, code: "failed", message: `The console answered with status ${status}.`, fix: "Try again." };
}
