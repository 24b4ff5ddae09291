import { Section } from "#components/page/section.tsx";
import { LinkButton } from "#components/ui/button.tsx";
import type { ActorActivity } from "#db/audit/actor-activity.ts";
import { partWords } from "#db/audit/sentence.ts";
import { StoryLine } from "../story/story-line.tsx";

/** A page of what an actor had a part in; where it was not as themselves, the line says so. */
export function Stories({ id, activity: { rows, next } }: { id: string; activity: ActorActivity }) {
  if (rows.length === 0) return null;
  return (
    <Section title="What was done, newest first">
      <ol>
        {rows.map((story) => (
          <StoryLine
            key={`${story.first.database} ${story.first.id}`}
            story={story}
            mark={partWords(story.actors, id)}
            aside={story.first.databaseName}
          />
        ))}
      </ol>
      {next === null ? null : (
        <div className="mt-3">
          <LinkButton href={`/audit/actor?${new URLSearchParams({ id, cursor: next })}`}>Older activity</LinkButton>
        </div>
      )}
    </Section>
  );
}
