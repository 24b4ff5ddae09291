import { eq, ne, or, sql } from "drizzle-orm";
import { control } from "../../control.ts";
import { consoleDatabase } from "../../fleet.ts";
import { placements, tenants } from "../../schema/tenants.ts";
import { exact, type Term } from "./terms.ts";

interface KnownTenant {
  id: string;
  key: string;
  slug: string | null;
  name: string;
  /** Where it lives or has lived. */
  databaseIds: Set<string>;
}

/** The tenants that the terms name, by id, key, slug or name. */
export async function tenantsKnownAs(terms: readonly Term[]): Promise<KnownTenant[]> {
  const texts = terms.flatMap((term) =>
    term.op === "text"
      ? [term.text]
      : term.op === "is" && term.field === "tenant"
        ? term.values.filter(({ match }) => match === "exact").map(({ text }) => text)
        : [],
  );
  if (texts.length === 0) return [];
  const given = sql.param(texts.map((text) => text.toLowerCase()));
  const any = (column: unknown) => sql`lower(${column}::text) = ANY (${given}::text[])`;
  const rows = await control()
    .select({
      id: tenants.id,
      key: tenants.key,
      slug: tenants.slug,
      name: tenants.name,
      home: tenants.homeDatabaseId,
      lived: sql<string[]>`array_remove(array_agg(${placements.databaseId}::text), NULL)`,
    })
    .from(tenants)
    .leftJoin(placements, sql`${eq(placements.tenantId, tenants.id)} AND ${ne(placements.state, "importing")}`)
    .where(or(any(tenants.id), any(tenants.key), any(tenants.slug), any(tenants.name)))
    .groupBy(tenants.id)
    .limit(200);
  return rows.map(({ home, lived, ...tenant }) => ({ ...tenant, databaseIds: new Set([home, ...lived]) }));
}

/**
 * The terms with tenants as the keys that they have in one database; null when no entry there can be of the tenant. What the
 * console knows no tenant by is taken for a key as the application writes it.
 */
export function tenantsIn(databaseId: string, terms: readonly Term[], known: readonly KnownTenant[]): Term[] | null {
  const local: Term[] = [];
  for (const term of terms) {
    if (term.op === "text") {
      const keys = known
        .filter((tenant) => isCalled(tenant, term.text))
        .flatMap((tenant) => keysIn(databaseId, tenant));
      local.push({ ...term, tenants: [...new Set(keys)] });
    } else if (term.op === "is" && term.field === "tenant") {
      const values = term.values.flatMap((value) => {
        if (value.match !== "exact") return [value];
        const called = known.filter((tenant) => isCalled(tenant, value.text));
        const byId = called.some(({ id }) => id === value.text.toLowerCase());
        const keys = called.flatMap((tenant) => keysIn(databaseId, tenant));
        return [...new Set(byId ? keys : [value.text, ...keys])].map(exact);
      });
      if (values.length > 0) local.push({ ...term, values });
      else if (!term.negated) return null;
    } else {
      local.push(term);
    }
  }
  return local;
}

function isCalled({ id, key, slug, name }: KnownTenant, text: string): boolean {
  const called = text.toLowerCase();
  return [id, key, slug, name].some((one) => one?.toLowerCase() === called);
}

/** The console's own log speaks of a tenant by its id, or by the key that its databases know it by. */
function keysIn(databaseId: string, { id, key, databaseIds }: KnownTenant): string[] {
  if (databaseId === consoleDatabase) return [id, key];
  return databaseIds.has(databaseId) ? [key] : [];
}
