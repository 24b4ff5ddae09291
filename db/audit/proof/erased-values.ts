import { membersOf, objectOf } from "../members.ts";
import type { ErasureInput } from "./contract.ts";

/** The columns of an entry that an erasure may change, in the log's order. */
export const erasableColumns = [
  ...(["ip_address", "user_agent", "old_values", "new_values", "changes", "metadata"] as const),
];

/** They as PostgreSQL prints them. */
export type Erasable = Record<(typeof erasableColumns)[number], string | null>;

/** What stands in the place of a value. */
export const mark = "erased";

/** What says by which machine and program an actor acted, beside the columns of their own. */
export const traces = ["client", "ip_address"];

/** An archived entry without the subject's values: what erase-job.ts's UPDATE makes of one in PostgreSQL, byte for byte. */
export function withoutValues({ subject }: ErasureInput, entry: Erasable): Erasable {
  if (subject.kind === "actor") {
    return { ...entry, ip_address: null, user_agent: null, metadata: change(entry.metadata, traces, () => []) };
  }
  const marked = (image: string | null) =>
    change(image, subject.columns, ([key, value]) => [[key, value === "null" ? value : JSON.stringify(mark)]]);
  return {
    ...entry,
    old_values: marked(entry.old_values),
    new_values: marked(entry.new_values),
    changes: marked(entry.changes),
  };
}

type Member = ReturnType<typeof membersOf>[number];

/** An image with each of the named members changed. */
function change(image: string | null, names: readonly string[], to: (member: Member) => Member[]): string | null {
  if (image === null) return null;
  const keys = new Set(names.map((name) => JSON.stringify(name)));
  return objectOf(membersOf(image).flatMap((member) => (keys.has(member[0]) ? to(member) : [member])));
}
