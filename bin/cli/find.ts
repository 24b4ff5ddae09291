import type { Actor } from "#db/actor.ts";
import { listFleet } from "#db/databases/list.ts";
import { listServers } from "#db/databases/servers.ts";
import { Refusal } from "#db/errors.ts";
import { tenantsCalled } from "#db/tenants/called.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A database of the fleet by its id, which is taken as it is, or by its name where only one has it. */
export async function findDatabaseId(actor: Actor, wanted: string): Promise<string> {
  if (uuid.test(wanted)) return wanted;
  return pick("database in the fleet", wanted, await listFleet(actor), ({ id, name, serverName }) => [
    id,
    name,
    `${serverName}/${name}`,
  ]);
}

/** A registered server by its id or name. */
export async function findServerId(actor: Actor, wanted: string): Promise<string> {
  return pick("server", wanted, await listServers(actor), ({ id, name }) => [id, name]);
}

/** A tenant by id, key or slug. */
export async function findTenantId(actor: Actor, wanted: string): Promise<string> {
  return single("tenant", wanted, await tenantsCalled(actor, wanted));
}

export function pick<T extends { id: string }>(
  noun: string,
  wanted: string,
  all: readonly T[],
  namesOf: (one: T) => (string | null)[],
): string {
  const found = all.filter((one) => namesOf(one).includes(wanted));
  return single(noun, wanted, found);
}

function single(noun: string, wanted: string, found: readonly { id: string }[]): string {
  const [first] = found;
  if (first && found.length === 1) return first.id;
  if (!first)
    throw new Refusal("not_found", `There is no ${noun} ${wanted}.`, { fix: "List them to see their names and ids." });
  throw new Refusal("invalid", `${found.length} of them are called ${wanted}.`, {
    fix: `Name one by its id: ${found.map(({ id }) => id).join(", ")}.`,
  });
}
