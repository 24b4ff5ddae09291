import { actorWords, recordWords } from "#db/audit/sentence.ts";
import { nounOf } from "#db/audit/story-noun.ts";
import type { Deletion, WhoDeleted } from "#db/audit/who-deleted.ts";

/** "order ORD-70": what a deletion took away. */
export function subjectWords({ table, label, record }: Deletion): string {
  const called = label ?? (record === null ? "" : recordWords(record));
  return `${table === null ? "row" : nounOf(table, 1)} ${called}`.trim();
}

/** "Ada Lovelace deleted the order ORD-70." */
export function answerWords(found: WhoDeleted, chosen: Deletion | null): string {
  if (chosen === null) return `No deletion of “${found.asked}” was found.`;
  const [did, as] = chosen.how === "marked" ? ["marked", " as deleted"] : ["deleted", ""];
  const others = found.deletions.length - 1;
  const more =
    others === 0
      ? ""
      : ` ${found.more ? "More than " : ""}${others} more ${others === 1 ? "deletion matches" : "deletions match"}.`;
  return `${actorWords(chosen.actor)} ${did} the ${subjectWords(chosen)}${as}.${more}`;
}

/** Where the entry lies: "app", or "the archived month 2025-11 of app". */
export function placeWords({ databaseName, archived }: Deletion): string {
  return archived === undefined ? databaseName : `the archived month ${archived} of ${databaseName}`;
}

/** Why a deletion is in the answer. */
export function matchWords({ matched, field }: Deletion): string {
  switch (matched) {
    case "key":
      return "by its key";
    case "value":
      return field === null ? "by a value that it had" : `by its ${field.replaceAll("_", " ")}`;
    case "beginning":
      return field === null ? "by how a value begins" : `by how its ${field.replaceAll("_", " ")} begins`;
    case "former":
      return "by what it was called or keyed before";
  }
}
