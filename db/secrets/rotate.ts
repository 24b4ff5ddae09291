import { and, eq, sql } from "drizzle-orm";
import { type Actor, authorise } from "../actor.ts";
import { control, inControl } from "../control.ts";
import { servers } from "../schema/fleet.ts";
import { currentKey, previousKeys } from "./keys.ts";
import { keyIdOf, rewrap } from "./seal.ts";

interface Rotation {
  /** The key that every secret is under now. */
  keyId: string;
  rewrapped: number;
}

/**
 * Re-wraps every sealed credential under the current master key, online: each row by itself, only while it still
 * holds what was read, so that a credential changed meanwhile is not put back. Running it again is harmless.
 */
export async function rotateKeys(actor: Actor): Promise<Rotation> {
  authorise(actor, "keys.rotate");
  let rewrapped = 0;
  for (let stale = await staleRows(); stale.length > 0; stale = await staleRows()) {
    for (const row of stale) rewrapped += await rewrapRow(actor, row);
  }
  return { keyId: currentKey().id, rewrapped };
}

interface SealedRow {
  id: string;
  credential: string;
}

async function staleRows(): Promise<SealedRow[]> {
  const current = `v1.${currentKey().id}.%`;
  return control()
    .select({ id: servers.id, credential: servers.credential })
    .from(servers)
    .where(sql`${servers.credential} NOT LIKE ${current}`)
    .orderBy(servers.id)
    .limit(100);
}

async function rewrapRow(actor: Actor, row: SealedRow): Promise<number> {
  const credential = rewrap(row.credential, row.id);
  return inControl(
    actor,
    async (tx) => {
      const { rowCount } = await tx
        .update(servers)
        .set({ credential })
        .where(and(eq(servers.id, row.id), eq(servers.credential, row.credential)));
      return rowCount ?? 0;
    },
    { reason: "Key rotation" },
  );
}

export interface KeyState {
  current: string;
  previous: string[];
  /** How many secrets are under each key; a key that no secret is under can be taken out of the configuration. */
  secrets: { keyId: string; count: number; current: boolean; configured: boolean }[];
}

/** Which master keys the sealed credentials are under. */
export async function readKeyState(actor: Actor): Promise<KeyState> {
  authorise(actor, "keys.rotate");
  const rows = await control().select({ credential: servers.credential }).from(servers);
  const current = currentKey().id;
  const previous = previousKeys().map(({ id }) => id);
  const counts = new Map<string, number>();
  for (const { credential } of rows) counts.set(keyIdOf(credential), (counts.get(keyIdOf(credential)) ?? 0) + 1);
  const secrets = [...counts].map(([keyId, count]) => ({
    keyId,
    count,
    current: keyId === current,
    configured: keyId === current || previous.includes(keyId),
  }));
  return { current, previous, secrets };
}
