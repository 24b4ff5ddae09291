import Link from "next/link";
import { Section } from "#components/page/section.tsx";
import { When } from "#components/time/when.tsx";
import { actorWords } from "#db/audit/sentence.ts";
import type { Deletion, WhoDeleted } from "#db/audit/who-deleted.ts";
import { ActionMark } from "../action-mark.tsx";
import { whoHref } from "../addresses.ts";
import { matchWords, placeWords, subjectWords } from "./words.ts";

interface OtherProps {
  found: WhoDeleted;
  chosen: Deletion | null;
  scope: Record<string, string | undefined>;
}

/** Everything else that the question may have meant, newest first. */
export function OtherDeletions({ found, chosen, scope }: OtherProps) {
  if (found.deletions.length < 2) return null;
  const kept = Object.fromEntries(Object.entries(scope).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return (
    <Section
      title="Every deletion that matches"
      aside={found.more ? `the newest ${found.deletions.length}` : `${found.deletions.length}`}
    >
      <ol>
        {found.deletions.map((deletion) => (
          <li
            key={`${deletion.database} ${deletion.id}`}
            className="flex min-h-(--row) flex-wrap items-center gap-x-3 border-line border-b py-1"
          >
            <span className="min-w-0 grow [overflow-wrap:anywhere]">
              <ActionMark action="delete" />
              {deletion.id === chosen?.id ? (
                <b aria-current="true" className="font-semibold">
                  {subjectWords(deletion)}
                </b>
              ) : (
                <Link href={whoHref(found.asked, { ...kept, entry: deletion.id })}>{subjectWords(deletion)}</Link>
              )}{" "}
              by {actorWords(deletion.actor)}{" "}
              <span className="text-faint">
                {matchWords(deletion)}, in {placeWords(deletion)}
                {deletion.back === null ? "" : "; it came back"}
              </span>
            </span>
            <When at={deletion.at} align="end" />
          </li>
        ))}
      </ol>
    </Section>
  );
}
