import { type Actor, authorise } from "../../actor.ts";
import type { AuditFilter } from "../contract.ts";
import { askedFilter, recordReading } from "../reading.ts";
import type { ColdPage } from "./contract.ts";
import { searchCold } from "./search.ts";

/** A search of archived months as a person makes it: recorded first where their role's reading is, as in the log itself. */
export async function readCold(
  actor: Actor,
  filter: AuditFilter,
  options: Parameters<typeof searchCold>[2],
): Promise<ColdPage> {
  authorise(actor, "audit.read");
  const part = options.cursor === null ? "first" : "further";
  await recordReading(actor, "search_archive", askedFilter(filter), part);
  return searchCold(actor, filter, options);
}
