import { type Actor, authorise } from "../actor.ts";
import { listAdopted } from "../fleet.ts";

/** A database that a screen can be narrowed to. */
export interface ScopeDatabase {
  id: string;
  name: string;
  serverName: string;
}

/** Every adopted database, by name, with no more than its place in the scope switcher needs. */
export async function adoptedDatabases(actor: Actor): Promise<ScopeDatabase[]> {
  authorise(actor, "databases.read");
  const adopted = await listAdopted();
  return adopted.map(({ id, name, serverName }) => ({ id, name, serverName }));
}
