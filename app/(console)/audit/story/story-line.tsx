import Link from "next/link";
import { When } from "#components/time/when.tsx";
import { Badge } from "#components/ui/badge.tsx";
import type { ListedStory } from "#db/audit/story-list.ts";
import { requestHref, transactionHref } from "../addresses.ts";
import { Sentence } from "./sentence.tsx";

interface StoryLineProps {
  story: ListedStory;
  /** What the list is to say about it before anything else, in a few words. */
  mark?: string | null;
  aside: string;
}

/** One story in a list: its sentence leads to all of it. */
export function StoryLine({ story: { parts, first }, mark = null, aside }: StoryLineProps) {
  return (
    <li className="flex min-h-(--row) flex-wrap items-center gap-x-3 border-line border-b py-1">
      <Link
        href={first.request === null ? transactionHref(first) : requestHref(first.request, first.at)}
        prefetch={false}
        className="min-w-0 grow basis-full text-ink sm:basis-0 [overflow-wrap:anywhere] hover:text-accent"
      >
        <Sentence parts={parts} />
      </Link>
      {mark === null ? null : <Badge tone="change">{mark}</Badge>}
      <span className="text-faint">{aside}</span>
      <When at={first.at} align="end" />
    </li>
  );
}
