import { actorWords } from "#db/audit/sentence.ts";
import { transactionStory } from "#db/audit/story.ts";
import type { Deletion } from "#db/audit/who-deleted.ts";
import { askWhoDeleted } from "#db/audit/who-deleted-asked.ts";
import { findDeletionMonths } from "#db/audit/who-deleted-months.ts";
import { whoQuestion } from "#db/audit/who-deleted-question.ts";
import { type Command, only, parse, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { silentLine } from "../silent.ts";
import { facts, table } from "../table.ts";

/** A search of a whole archive may take minutes. */
const patienceMs = 900_000;

export const who: Command = {
  name: "audit who",
  usage: "TEXT [--database NAME|console] [--tenant KEY] [--archived]",
  summary: "Who deleted this? By id, e-mail, slug, number or name, also of what is long gone",
  options: { database: { type: "string" }, tenant: { type: "string" }, archived: { type: "boolean" } },
  async run(actor, input) {
    const database = text(input, "database");
    const question = parse(whoQuestion, {
      text: only(input, "what is gone"),
      tenant: text(input, "tenant"),
      database: database === undefined || database === "console" ? database : await findDatabaseId(actor, database),
    });
    const looking = { signal: AbortSignal.timeout(patienceMs), onProgress: () => {} };
    const archive = input.options.archived === true ? await findDeletionMonths(actor, question, looking) : null;
    const found = await askWhoDeleted(actor, question, archive?.months);
    const silent = [...found.silent, ...(archive?.silent ?? [])];
    const [newest] = found.deletions;
    if (!newest) {
      const lives = found.alive === null ? "" : ` It lives: ${found.alive.sentence}, ${found.alive.at}.`;
      return { json: found, text: `No deletion of ${found.asked} is recorded.${lives}${silentLine(silent)}` };
    }
    const place = { near: newest.at, months: archive?.months ?? [] };
    const story = await transactionStory(actor, newest.database, newest.transaction, place);
    const list = found.deletions.length > 1 ? `\n\n${deletionTable(found.deletions)}` : "";
    return {
      json: { ...found, story },
      text: `${answer(newest, story.sentence)}${list}${silentLine(silent)}`,
    };
  },
};

function answer(deletion: Deletion, story: string): string {
  const { schema, table: name, record, label, at, ip, userAgent, request, transaction, reason, back } = deletion;
  return facts([
    ["gone", `${schema}.${name} ${record ?? ""}${label === null ? "" : ` (${label})`}`],
    ["by", `${actorWords(deletion.actor)}${deletion.actor.id === null ? "" : ` (${deletion.actor.id})`}`],
    ["at", at],
    ["from", [ip, userAgent].filter((part) => part !== null).join(", ") || null],
    ["request", request],
    ["transaction", transaction],
    ["reason", reason],
    ["together", `${story}.`],
    [
      "came back",
      back === null ? null : back.database === deletion.database ? back.at : `${back.at} in ${back.databaseName}`,
    ],
    [
      "restore",
      deletion.archived === undefined
        ? `caretaker deleted plan --database ${deletion.databaseName} --entry ${deletion.id}`
        : `bring ${deletion.archived} back from the archive first (Audit, Retention)`,
    ],
  ]);
}

function deletionTable(deletions: readonly Deletion[]): string {
  return table(
    [
      { title: "at", value: (row: Deletion) => row.at },
      { title: "database", value: (row) => row.databaseName },
      { title: "gone", value: (row) => `${row.table} ${row.label ?? row.record ?? ""}` },
      { title: "by", value: (row) => actorWords(row.actor) },
      { title: "entry", value: (row) => row.id },
    ],
    deletions,
  );
}
