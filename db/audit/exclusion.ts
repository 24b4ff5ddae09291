import { type Actor, authorise } from "../actor.ts";
import { Refusal } from "../errors.ts";
import { type AuditFilter, filterTerms, printQuery, printTerm } from "./contract.ts";
import { searchAudit } from "./search.ts";

/** A part of a filter, and the filter without it. */
export interface Exclusion {
  term: string;
  without: AuditFilter;
}

const triedMax = 8;

/** Where nothing matches: the one term that, left out, shows most; null when no single one is to blame. */
export async function whatExcludes(actor: Actor, filter: AuditFilter, signal?: AbortSignal): Promise<Exclusion | null> {
  authorise(actor, "audit.read");
  const terms = filterTerms({ q: filter.q });
  const tries = terms.slice(0, triedMax).map((term): Exclusion => {
    const q = printQuery(terms.filter((one) => one !== term));
    return { term: printTerm(term), without: { ...filter, q: q === "" ? undefined : q } };
  });
  const counts = await Promise.all(
    tries.map(async (one) => ({ ...one, found: await foundBy(actor, one.without, signal) })),
  );
  const [most] = counts.toSorted((one, other) => other.found - one.found);
  return most && most.found > 0 ? { term: most.term, without: most.without } : null;
}

async function foundBy(actor: Actor, filter: AuditFilter, signal: AbortSignal | undefined): Promise<number> {
  try {
    return (await searchAudit(actor, filter, null, 200, signal)).rows.length;
  } catch (error) {
    if (error instanceof Refusal && error.code === "too_broad") return 0;
    throw error;
  }
}
