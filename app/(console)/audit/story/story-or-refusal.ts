import type { Story } from "#db/audit/story.ts";
import { Refusal } from "#db/errors.ts";

/** A story, or why there is none: not a failure, since it may lie where nobody has looked yet. */
export async function storyOrRefusal(story: Promise<Story>): Promise<Story | Refusal> {
  try {
    return await story;
  } catch (error) {
    if (error instanceof Refusal && ["not_found", "unreachable"].includes(error.code)) return error;
    throw error;
  }
}
