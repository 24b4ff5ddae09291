import { type Actor, authorise } from "../../../actor.ts";
import { recordEvent } from "../../../audit/record-event.ts";
import { databaseNames } from "../../../audit/scope.ts";
import { inControl } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { AccessExport, NotReached } from "../contract.ts";
import type { Edge, Findings, FoundTable } from "../find/findings.ts";
import { nameOf } from "../find/looking.ts";
import { erasureRow, foundOf, keptOf } from "../stored.ts";
import { collect, type Known } from "./collect.ts";
import { htmlEnd, htmlHead, htmlOf } from "./html.ts";

/**
 * What is known of a person, for the person (Article 15): the findings of a search with their values, as NDJSON, JSON or a page to
 * read. Who takes it is recorded first; without the record nothing is handed out.
 *
 * @throws Refusal `conflict` when there is no search, or when the person was erased.
 */
export async function exportAccess(
  actor: Actor,
  { id, format }: AccessExport,
): Promise<{ name: string; type: string; lines: AsyncGenerator<string> }> {
  authorise(actor, "records.erase");
  const row = await erasureRow(id);
  const found = foundOf(row);
  if (!found) {
    throw new Refusal("conflict", "There is nothing to hand out: the search has not ended, or the person was erased.", {
      fix: "Search for the person first.",
    });
  }
  const { subject } = keptOf(row);
  const databaseName = (await databaseNames([row.databaseId])).get(row.databaseId) ?? row.databaseId;
  await inControl(actor, (_tx, client) =>
    recordEvent(client, {
      action: "export-downloaded",
      resourceType: "erasures",
      resourceId: id,
      metadata: { what: "subject access", format, rows: found.tables.reduce((sum, { rows }) => sum + rows.length, 0) },
    }),
  );
  const about = { database: databaseName, subject: row.subject, searched: row.foundAt, notReached: elsewhere(found) };
  const unread: NotReached[] = [];
  const known: Handed = { some: collect(subject, found, unread), unread };
  const name = `subject-access-${row.subjectRef.slice(0, 12)}.${format}`;
  if (format === "html") return { name, type: "text/html; charset=utf-8", lines: html(about, known) };
  if (format === "json") return { name, type: "application/json", lines: json(about, known) };
  return { name, type: "application/x-ndjson", lines: ndjson(about, known) };
}

/** What a search did not take up of a foreign key's rows is handed out all the same. */
function elsewhere({ tables, edges, notReached }: Findings): NotReached[] {
  const read = new Set(
    edges
      .filter(({ child, columns, more }) => more && tables.some((table) => isBy(table, child, columns)))
      .map(({ child, columns }) => `${nameOf(child)} by ${columns.join(", ")}`),
  );
  return notReached.filter(({ where }) => !read.has(where));
}

function isBy({ via, ...table }: FoundTable, child: Edge["child"], columns: readonly string[]): boolean {
  return nameOf(table) === nameOf(child) && via?.columns.join() === columns.join();
}

export interface About {
  database: string;
  subject: string;
  searched: string | null;
  notReached: NotReached[];
}

/** What is handed out, piece by piece; `unread` is complete after the last. */
interface Handed {
  some: AsyncGenerator<Known[]>;
  unread: NotReached[];
}

/** A line each; the last says how many there were and what could not be read, so that a file that was cut off shows it. */
async function* ndjson(about: About, known: Handed): AsyncGenerator<string> {
  yield `${JSON.stringify({ kind: "about", ...about })}\n`;
  let lines = 0;
  for await (const some of known.some) {
    lines += some.length;
    yield some.map((one) => `${lineOf(one)}\n`).join("");
  }
  yield `${JSON.stringify({ kind: "end", lines, unread: known.unread })}\n`;
}

async function* json(about: About, known: Handed): AsyncGenerator<string> {
  yield `${JSON.stringify(about).slice(0, -1)},"known":[`;
  let first = true;
  for await (const some of known.some) {
    if (some.length === 0) continue;
    yield `${first ? "" : ","}\n${some.map(lineOf).join(",\n")}`;
    first = false;
  }
  yield `\n],"unread":${JSON.stringify(known.unread)}}\n`;
}

async function* html(about: About, known: Handed): AsyncGenerator<string> {
  yield htmlHead(about);
  for await (const some of known.some) yield some.map(htmlOf).join("");
  yield htmlEnd(known.unread);
}

/** The values are JSON already, and stand as they are. */
function lineOf(known: Known): string {
  const { kind, table, record } = known;
  const head = JSON.stringify({ kind, table, record }).slice(0, -1);
  if (known.kind === "row") return `${head},"found":${JSON.stringify(known.how)},"values":${known.values}}`;
  if (known.kind === "act") return JSON.stringify(known);
  const { at, action, before, after } = known;
  return `${head},"at":${JSON.stringify(at)},"action":${JSON.stringify(action)},"before":${before ?? "null"},"after":${after ?? "null"}}`;
}
