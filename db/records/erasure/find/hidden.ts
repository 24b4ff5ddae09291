import { hiddenTables } from "../../../managed/hidden-tables.ts";
import type { Looking } from "./looking.ts";

/** A row that row security hides from the console's role is not found, and that has to be said. */
export async function noteHidden(looking: Looking): Promise<void> {
  const hidden = await hiddenTables(looking.client, [...looking.shapes.values()]);
  const why = "Row security may hide rows of it from the console's role.";
  looking.notReached.push(...hidden.map((where) => ({ where, why })));
}
