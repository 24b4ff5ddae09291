import { Refusal } from "../../errors.ts";
import { type AuditFilter, filterTerms } from "../contract.ts";
import { type AuditedDatabase, auditedDatabases, departedDatabases } from "../scope.ts";
import { staffKnownAs } from "./people.ts";
import { tenantsIn, tenantsKnownAs } from "./tenants.ts";
import type { Term } from "./terms.ts";

/** One database that can hold an answer, and what to ask of it: tenants and staff in the terms stand there by their keys. */
export interface Asked extends AuditedDatabase {
  terms: Term[];
}

/**
 * The databases to ask for a filter: the adopted ones and the console's own, narrowed by database and tenant. Users of an
 * application are known only in its database: see termsIn.
 */
export async function askedBy(filter: AuditFilter): Promise<Asked[]> {
  return askedAmong(await auditedDatabases(), filter);
}

/** The same with those that left: what they can answer is in the archive alone. */
export async function everAsked(filter: AuditFilter): Promise<Asked[]> {
  const [audited, departed] = await Promise.all([auditedDatabases(), departedDatabases()]);
  return askedAmong([...audited, ...departed], filter);
}

/** Those of them that still have a log. One that left may be named all the same: its log is empty, and its archive is searched beside. */
export async function askedNow(filter: AuditFilter): Promise<Asked[]> {
  return (await everAsked(filter)).filter(({ left }) => !left);
}

type Named = AuditedDatabase & { called?: string };

async function askedAmong(all: Named[], filter: AuditFilter): Promise<Asked[]> {
  const terms = filterTerms(filter);
  const [tenants, staff] = await Promise.all([tenantsKnownAs(terms), staffKnownAs(terms)]);
  const asked = terms.filter(({ field }) => field !== "database");
  return narrowed(all, terms).flatMap(({ called: _called, ...database }) => {
    const local = tenantsIn(database.id, asked, tenants);
    return local === null ? [] : [{ ...database, terms: staff(local) }];
  });
}

/** Those that every `database` term speaks of, by id or by name. */
function narrowed(all: Named[], terms: readonly Term[]): Named[] {
  return terms.reduce((left, term) => {
    if (term.op !== "is" || term.field !== "database") return left;
    const asked = new Set(term.values.map(({ text }) => text.toLowerCase()));
    const isAsked = ({ id, name, called = name }: Named) => asked.has(id) || asked.has(called.toLowerCase());
    if (!term.negated && !all.some(isAsked)) throw notAdopted(term.values.map(({ text }) => text).join(", "));
    return left.filter((database) => isAsked(database) !== term.negated);
  }, all);
}

function notAdopted(asked: string): Refusal {
  return new Refusal("not_found", `No adopted database has the id or the name ${asked}.`, {
    fix: "Choose a database from the list, or adopt it first.",
  });
}
