import type { ApiTokenScope } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import { listAdopted } from "../../fleet.ts";

interface Destination {
  id: string;
  name: string;
}

/** The database that a token's events go to. @throws Refusal when the token is bound to another one. */
export async function destinationOf(token: ApiTokenScope, wanted: string | undefined): Promise<Destination> {
  const adopted = await listAdopted();
  const bound = token.databaseId === null ? undefined : adopted.find(({ id }) => id === token.databaseId);
  if (token.databaseId !== null && !bound) {
    throw new Refusal("forbidden", "This token is bound to a database that is not adopted any more.", {
      fix: "Create a token for the database that the service reports to now.",
    });
  }
  if (wanted === undefined) {
    if (bound) return bound;
    throw new Refusal("invalid", "Name the database, or use a token that is bound to one.", {
      fieldErrors: { database: "This is needed." },
    });
  }
  const found = adopted.filter(({ id, name }) => id === wanted || name === wanted);
  // Whoever holds a bound token learns nothing about the rest of the fleet.
  if (bound && found.every(({ id }) => id !== bound.id)) {
    throw new Refusal("forbidden", `This token reports to ${bound.name} alone.`, {
      fix: `Leave out the database, or name ${bound.name}.`,
    });
  }
  if (bound) return bound;
  const [one, ...others] = found;
  if (one && others.length === 0) return one;
  throw new Refusal(
    "not_found",
    one ? `${found.length} databases are called ${wanted}.` : `No adopted database is called ${wanted}.`,
    {
      fix: "Name it by its id, which stands in its address under Databases.",
      fieldErrors: { database: "Not the id or the name of one adopted database." },
    },
  );
}
