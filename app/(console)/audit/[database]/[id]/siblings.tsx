import Link from "next/link";
import { Section } from "#components/page/section.tsx";
import type { Story } from "#db/audit/story.ts";
import { transactionHref } from "../../addresses.ts";
import { Sentence } from "../../story/sentence.tsx";
import { StoryTree } from "../../story/story-tree.tsx";

/** What else the same transaction did: one transaction is one story. */
export function Siblings({ story, current }: { story: Story; current: string }) {
  if (story.entries < 2) return null;
  return (
    <Section
      title="The same transaction"
      answer={
        <>
          <Sentence parts={story.parts} />.
        </>
      }
      aside={<Link href={transactionHref(story.first)}>As one story</Link>}
    >
      <StoryTree nodes={story.tree} current={current} />
      {story.more ? <p className="text-faint text-xs">The first {story.entries} entries are shown.</p> : null}
    </Section>
  );
}
