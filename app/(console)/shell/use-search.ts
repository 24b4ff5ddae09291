"use client";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useState } from "react";
import type { SearchAnswer } from "./search-contract.ts";

/** What is found for the words typed, once the typing pauses. */
export function useSearch(words: string, more: Record<string, string> = {}) {
  const settled = useSettled(useDeferredValue(words.trim()));
  const query = new URLSearchParams({ ...more, q: settled });
  return useQuery<SearchAnswer>({
    queryKey: ["search", query.toString()],
    enabled: settled.length > 0,
    placeholderData: (before) => (settled.length > 0 ? before : undefined),
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await fetch(`/api/search?${query}`, { signal });
      const body: unknown = await response.json();
      if (response.ok && isAnswer(body)) return body;
      throw new Error("The search did not answer.");
    },
  });
}

function useSettled(words: string): string {
  const [settled, settle] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => settle(words), 160);
    return () => clearTimeout(timer);
  }, [words]);
  return settled;
}

function isAnswer(body: unknown): body is SearchAnswer {
  return typeof body === "object" && body !== null && "hits" in body && Array.isArray(body.hits);
}
