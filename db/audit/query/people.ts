import { or, sql } from "drizzle-orm";
import type pg from "pg";
import { control } from "../../control.ts";
import { consoleDatabase } from "../../fleet.ts";
import { staff } from "../../schema/staff.ts";
import type { Asked } from "./asked.ts";
import { exact, type Term } from "./terms.ts";
import { usersKnownAs } from "./users.ts";

/** The names under which the console itself acts in the databases that it manages; in its own log nobody else has no uuid. */
const systemNames = ["worker", "schedule", "sign-in", "invitation", "npm start"];

/** Gives what turns names and e-mails of staff, in terms that speak of an actor, into their ids as well. */
export async function staffKnownAs(terms: readonly Term[]): Promise<(terms: readonly Term[]) => Term[]> {
  const names = namesIn(terms);
  if (names.length === 0) return (asked) => [...asked];
  const given = sql.param(names.map((name) => name.toLowerCase()));
  const rows = await control()
    .select({ id: staff.id, email: staff.email, name: staff.name })
    .from(staff)
    .where(or(sql`lower(${staff.email}) = ANY (${given}::text[])`, sql`lower(${staff.name}) = ANY (${given}::text[])`));
  const idsOf = (text: string) => {
    const called = text.toLowerCase();
    return rows
      .filter(({ email, name }) => [email, name].some((one) => one.toLowerCase() === called))
      .map(({ id }) => id);
  };
  return (asked) => asked.map((term) => withIds(term, idsOf));
}

/** What to ask of one database, with the users of its application by their ids. Run it where the terms will be asked. */
export async function termsIn(client: pg.ClientBase, database: Asked): Promise<Term[]> {
  const { usersTable } = database;
  const own = termsWithoutUsers(database);
  const names = namesIn(own);
  if (usersTable === null || names.length === 0) return own;
  const users = await usersKnownAs(client, usersTable, names);
  return own.map((term) => withIds(term, (text) => users.get(text.toLowerCase()) ?? []));
}

/** The same where the users of the application cannot be looked up: a name is then taken for an id. */
export function termsWithoutUsers({ id, terms }: Asked): Term[] {
  return id === consoleDatabase ? terms : terms.map(consoleByName);
}

function consoleByName(term: Term): Term {
  if (term.op !== "is" || term.field !== "actor") return term;
  const values = term.values.flatMap((value) => (value.match === "system" ? systemNames.map(exact) : [value]));
  return { ...term, values };
}

/** What may be a name or an e-mail: a number or a uuid is an id already. */
function namesIn(terms: readonly Term[]): string[] {
  const texts = terms.flatMap((term) => {
    if (term.op === "text") return [term.text];
    if (term.op !== "is" || term.field !== "actor") return [];
    return term.values.filter(({ match }) => match === "exact").map(({ text }) => text);
  });
  return [...new Set(texts)].filter((text) => !/^[\d-]+$|^[0-9a-f-]{32,36}$/i.test(text));
}

function withIds(term: Term, idsOf: (text: string) => string[]): Term {
  if (term.op === "text") return { ...term, actors: [...new Set([...(term.actors ?? []), ...idsOf(term.text)])] };
  if (term.op !== "is" || term.field !== "actor") return term;
  const known = new Set(term.values.map(({ text }) => text));
  const more = term.values.flatMap(({ match, text }) => (match === "exact" ? idsOf(text) : []));
  const ids = [...new Set(more)].filter((id) => !known.has(id));
  return { ...term, values: [...term.values, ...ids.map(exact)] };
}
