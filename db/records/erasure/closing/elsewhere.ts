import { and, ne } from "drizzle-orm";
import { placesOf } from "../../../audit/tenant-places.ts";
import { control } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { erasures } from "../../../schema/erasures.ts";
import { inAny, isErasedIn } from "../find/earlier.ts";
import { isLedger } from "../ledger.ts";
import { keptOf } from "../stored.ts";
import type { ErasedElsewhere } from "./contract.ts";

/**
 * People who were erased in other databases, while their tenants lived in this one before: a backup of it from then holds them, and
 * its own ledger does not know them. Keys may mean somebody else by now, so that each is searched for rather than erased unseen. Not
 * among them is who was erased here as well, or was searched for since and not found.
 */
export async function erasedElsewhere(database: string, since: string): Promise<ErasedElsewhere[]> {
  const rows = await control()
    .select()
    .from(erasures)
    .where(and(ne(erasures.databaseId, database), isLedger));
  const found: ErasedElsewhere[] = [];
  for (const [databaseId, of] of Map.groupBy(rows, (row) => row.databaseId)) {
    const known = of.map((row) => ({ row, ...keptOf(row) }));
    const places = await placesOf([...new Set(known.flatMap(({ tenants = [] }) => tenants))], databaseId);
    const here = places.filter((place) => place.databaseId === database);
    for (const { row, subject, tenants = [] } of known) {
      const schemas = here.filter(({ tenant }) => tenants.includes(tenant)).map(({ schema }) => schema);
      if (schemas.length === 0 || (await isErasedIn(database, inAny(subject, schemas), subject, since))) continue;
      found.push({ id: row.id, subject: row.subject });
    }
  }
  return found;
}

/** @throws Refusal `conflict` where somebody is to be searched for first. */
export async function requireNobodyElsewhere(database: string, name: string, since: string): Promise<void> {
  const people = await erasedElsewhere(database, since);
  if (people.length === 0) return;
  const named = people.slice(0, 5).map(({ id, subject }) => `${subject} (${id})`);
  const more = people.length > named.length ? ` and ${people.length - named.length} more` : "";
  throw new Refusal(
    "conflict",
    `${people.length} ${people.length === 1 ? "person was" : "people were"} erased where their tenants lived after ${name}: ${named.join(", ")}${more}.`,
    {
      fix: `A backup of before holds them. Search for each in ${name} with the words of that erasure, and erase what is found; a search that finds nothing is enough.`,
    },
  );
}
