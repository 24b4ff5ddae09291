import type { NamedTable } from "../../schema/fleet.ts";
import type { CatalogTable } from "../catalog.ts";
import { keyOf } from "./columns.ts";
import { nameTable, personScore } from "./people.ts";
import { type TableKey, tableKey } from "./table-key.ts";
import { squeezed, thing } from "./words.ts";

// How strongly a name says "our customers, each with their own data", from 0 to 1.
const byName: Record<string, number> = {
  tenant: 1,
  ...{ organisation: 0.9, organization: 0.9, org: 0.9, workspace: 0.85, account: 0.8, company: 0.75, business: 0.7 },
  ...{
    team: 0.6,
    store: 0.6,
    shop: 0.6,
    site: 0.5,
    merchant: 0.6,
    agency: 0.55,
    client: 0.5,
    customer: 0.5,
    practice: 0.5,
  },
  ...{ school: 0.55, clinic: 0.55, hospital: 0.55, hotel: 0.5, branch: 0.45, club: 0.5, church: 0.5, property: 0.45 },
  ...{
    space: 0.5,
    group: 0.3,
    project: 0.35,
    subscription: 0.1,
    mandant: 1,
    firm: 0.6,
    institution: 0.5,
    community: 0.5,
  },
};

interface Candidate {
  table: CatalogTable;
  score: number;
  carriers: number;
  reached: number;
}

/** Tables that could list the tenants, best first: by their name, by how many tables carry their key, and by how many reach them. */
export function tenantsCandidates(tables: CatalogTable[]): (Candidate & { reason: string })[] {
  const others = Math.max(tables.length - 1, 1);
  return tables
    .filter((table) => keyOf(table).length === 1)
    .flatMap((table) => {
      const carriers = tables.filter((other) => other !== table && tenantColumnOf(other, table) !== null).length;
      if (carriers === 0) return [];
      const reached = reachers(table, tables).size;
      const named = byName[thing(table.name).replace(/^(app|saas|core)/, "")] ?? 0;
      const person = Math.min(personScore(table) / 20, 0.8);
      const score = named + 0.6 * (carriers / others) + 0.2 * (reached / others) - person;
      return [{ table, score, carriers, reached, reason: reasonOf(carriers, reached, named > 0) }];
    })
    .filter(({ score }) => score > 0.25)
    .sort((a, b) => b.score - a.score || b.carriers - a.carriers || (a.table.name < b.table.name ? -1 : 1));
}

function reasonOf(carriers: number, reached: number, named: boolean): string {
  const carried = `${carriers} ${carriers === 1 ? "table carries" : "tables carry"} its key`;
  const further = reached > carriers ? `, ${reached} reach it by foreign keys` : "";
  return `${carried}${further}${named ? ", and its name says so" : ""}.`;
}

/** Every table from which foreign keys lead to this one. */
function reachers(target: CatalogTable, tables: CatalogTable[]): Set<TableKey> {
  const found = new Set<TableKey>([tableKey(target)]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const table of tables) {
      if (table.foreignKeys.some((key) => found.has(tableKey({ schema: key.parentSchema, name: key.parentTable })))) {
        found.add(tableKey(table));
      }
    }
  }
  found.delete(tableKey(target));
  return found;
}

/** The column of `table` that holds a key of `tenants`: by foreign key, else by a name and type that fit. */
export function tenantColumnOf(
  table: CatalogTable,
  tenants: CatalogTable,
): { column: string; by: "foreign key" | "name" } | null {
  const [key] = keyOf(tenants);
  if (key === undefined || keyOf(tenants).length !== 1) return null;
  const foreignKeys = table.foreignKeys.filter(
    ({ parentSchema, parentTable, parentColumns }) =>
      parentSchema === tenants.schema && parentTable === tenants.name && parentColumns.includes(key),
  );
  const pointing = foreignKeys.map((foreignKey) => foreignKey.columns[foreignKey.parentColumns.indexOf(key)] ?? "");
  const best =
    pointing.find((column) => fitsName(table, column, tenants, key)) ??
    pointing.find((column) => isNotNull(table, column));
  if (best ?? pointing[0]) return { column: best ?? pointing[0] ?? "", by: "foreign key" };
  const keyType = tenants.columns.find((column) => column.name === key)?.baseType;
  const named = table.columns.find(
    (column) => sameKind(column.baseType, keyType) && !column.generated && fitsName(table, column.name, tenants, key),
  );
  return named ? { column: named.name, by: "name" } : null;
}

function isNotNull(table: CatalogTable, column: string): boolean {
  return table.columns.some((one) => one.name === column && one.notNull);
}

// Every table is compared with every candidate, so each name is taken apart once.
const spellings = new WeakMap<CatalogTable, ReadonlyMap<string, string>>();
const keyNames = new WeakMap<CatalogTable, ReadonlySet<string>>();

function fitsName(table: CatalogTable, column: string, tenants: CatalogTable, key: string): boolean {
  const spelled = spellings.get(table) ?? new Map(table.columns.map(({ name }) => [name, squeezed(name)]));
  spellings.set(table, spelled);
  const names = keyNames.get(tenants) ?? namesOfKey(tenants, key);
  keyNames.set(tenants, names);
  return names.has(spelled.get(column) ?? "");
}

/** How other tables may call a column that holds this table's key: tenant_id, tenantUuid, or store_id where that is the key's own name. */
function namesOfKey(tenants: CatalogTable, key: string): Set<string> {
  const one = thing(tenants.name);
  const keyName = squeezed(key);
  const generic = ["id", "uuid", "key", "pk", "uid", "name", "code"].includes(keyName);
  return new Set([
    `${one}${keyName}`,
    `${one}id`,
    `${one}uuid`,
    `${one}key`,
    "tenantid",
    ...(generic ? [] : [keyName]),
  ]);
}

const integers = new Set(["int2", "int4", "int8"]);
const texts = new Set(["text", "varchar", "bpchar", "citext"]);

function sameKind(a: string, b: string | undefined): boolean {
  return a === b || (b !== undefined && ((integers.has(a) && integers.has(b)) || (texts.has(a) && texts.has(b))));
}

export function nameTenants(table: CatalogTable): NamedTable | null {
  return nameTable(table, ["name", "displayname", "title", "companyname", "label", "legalname"]);
}
