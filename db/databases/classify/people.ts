import type { NamedTable } from "../../schema/fleet.ts";
import type { CatalogTable } from "../catalog.ts";
import { keyOf } from "./columns.ts";
import { squeezed, thing } from "./words.ts";

const personNames = [
  "user",
  "appuser",
  "account",
  "member",
  "person",
  "profile",
  "staff",
  "employee",
  "customer",
  "login",
  "identity",
];

/** How much a table looks like the one that names the people who sign in; 0 when it does not. */
export function personScore(table: CatalogTable): number {
  const columns = new Set(table.columns.map((column) => squeezed(column.name)));
  const rank = personNames.indexOf(thing(table.name).replace(/^auth/, ""));
  const byName = rank < 0 ? 0 : 10 - Math.min(rank, 8);
  const email = columns.has("email") || columns.has("emailaddress") ? 4 : 0;
  const secret = ["password", "passwordhash", "encryptedpassword", "passworddigest", "hashedpassword"].some((name) =>
    columns.has(name),
  )
    ? 6
    : 0;
  const signIn = columns.has("username") || columns.has("lastsignedin") || columns.has("lastlogin") ? 2 : 0;
  const score = byName + email + secret + signIn;
  return byName > 0 ? score : email > 0 && secret > 0 ? score : 0;
}

export function findUsersTable(tables: CatalogTable[], tenantsTable: NamedTable | null): NamedTable | null {
  const [best] = tables
    .filter((table) => keyOf(table).length === 1)
    .filter((table) => table.schema !== tenantsTable?.schema || table.name !== tenantsTable.table)
    .map((table) => ({ table, score: personScore(table) }))
    .filter(({ score }) => score >= 8)
    .sort((a, b) => b.score - a.score || (a.table.name < b.table.name ? -1 : 1));
  return best ? nameTable(best.table, ["name", "fullname", "displayname", "username", "email", "firstname"]) : null;
}

/** A table in a part of its own, with the columns that show its rows to people. */
export function nameTable(table: CatalogTable, nameColumns: string[]): NamedTable | null {
  const [key] = keyOf(table);
  if (!key) return null;
  const column = (names: string[]): string | null =>
    names.flatMap((name) => table.columns.filter((one) => squeezed(one.name) === name)).at(0)?.name ?? null;
  const slug = column(["slug", "subdomain", "handle", "url", "domain", "shortname", "code"]);
  return { schema: table.schema, table: table.name, key, name: column(nameColumns), slug };
}
