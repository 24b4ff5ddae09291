import { and, isNotNull, isNull } from "drizzle-orm";
import { control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { consoleDatabase } from "../../fleet.ts";
import { databases } from "../../schema/fleet.ts";
import { type AuditFilter, filterTerms } from "../contract.ts";
import type { AuditedDatabase } from "../scope.ts";
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
  const terms = filterTerms(filter);
  const [audited, tenants, staff] = await Promise.all([auditedDatabases(), tenantsKnownAs(terms), staffKnownAs(terms)]);
  const asked = terms.filter(({ field }) => field !== "database");
  return narrowed(audited, terms).flatMap((database) => {
    const local = tenantsIn(database.id, asked, tenants);
    return local === null ? [] : [{ ...database, terms: staff(local) }];
  });
}

async function auditedDatabases(): Promise<AuditedDatabase[]> {
  const adopted = await control()
    .select({ id: databases.id, name: databases.name, usersTable: databases.usersTable })
    .from(databases)
    .where(and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt)));
  return [...adopted, { id: consoleDatabase, name: "Console", usersTable: null }];
}

/** Those that every `database` term speaks of, by id or by name. */
function narrowed<T extends { id: string; name: string }>(all: T[], terms: readonly Term[]): T[] {
  return terms.reduce((left, term) => {
    if (term.op !== "is" || term.field !== "database") return left;
    const asked = new Set(term.values.map(({ text }) => text.toLowerCase()));
    const isAsked = ({ id, name }: T) => asked.has(id) || asked.has(name.toLowerCase());
    if (!term.negated && !all.some(isAsked)) throw notAdopted(term.values.map(({ text }) => text).join(", "));
    return left.filter((database) => isAsked(database) !== term.negated);
  }, all);
}

function notAdopted(asked: string): Refusal {
  return new Refusal("not_found", `No adopted database has the id or the name ${asked}.`, {
    fix: "Choose a database from the list, or adopt it first.",
  });
}
