import { readerSignal } from "#app/_server/reader.ts";
import { PartialNote } from "#components/feedback/states.tsx";
import { counted } from "#components/numbers/format.ts";
import { LinkButton } from "#components/ui/button.tsx";
import type { Actor } from "#db/actor.ts";
import { readStories } from "#db/audit/asked.ts";
import { type AuditFilter, filterQuery } from "#db/audit/contract.ts";
import { Refusal } from "#db/errors.ts";
import { Nothing } from "../nothing.tsx";
import { orRefusal } from "../or-refusal.ts";
import { StoryLine } from "../story/story-line.tsx";
import { TooBroad } from "../too-broad.tsx";

interface StoriesProps {
  actor: Actor;
  filter: AuditFilter;
  cursor: string | null;
}

/** A page of the stories of a filter, or why there is none. */
export async function Stories({ actor, filter, cursor }: StoriesProps) {
  const page = await orRefusal(readStories(actor, filter, cursor, await readerSignal()), "too_broad");
  if (page instanceof Refusal) return <TooBroad path="/audit/stories" filter={filter} refusal={page} />;
  if (page.rows.length === 0) {
    return <Nothing path="/audit/stories" actor={actor} filter={filter} silent={page.silent} />;
  }
  const older = new URLSearchParams([...new URLSearchParams(filterQuery(filter)), ["cursor", page.next ?? ""]]);
  return (
    <>
      <PartialNote silent={page.silent} />
      <ol aria-label="Stories">
        {page.rows.map((story) => (
          <StoryLine
            key={`${story.first.database} ${story.first.id}`}
            story={story}
            aside={`${counted(story.entries, "entry", "entries")}, ${story.first.databaseName}`}
          />
        ))}
      </ol>
      {page.next === null ? null : (
        <div>
          <LinkButton href={`/audit/stories?${older}`}>Older stories</LinkButton>
        </div>
      )}
    </>
  );
}
