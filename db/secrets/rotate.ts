import { and, eq, isNotNull, type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../actor.ts";
import { control, inControl } from "../control.ts";
import { auditStreams } from "../schema/exports.ts";
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
  of: "servers" | "streams";
  id: string;
  sealed: string;
}

/** Every place in which a sealed secret lies. */
async function sealedRows(only: (column: PgColumn) => SQL, limit?: number): Promise<SealedRow[]> {
  const ofServers = control()
    .select({ of: sql<"servers">`'servers'`, id: servers.id, sealed: servers.credential })
    .from(servers)
    .where(only(servers.credential))
    .orderBy(servers.id);
  const ofStreams = control()
    .select({ of: sql<"streams">`'streams'`, id: auditStreams.id, sealed: sql<string>`${auditStreams.secret}` })
    .from(auditStreams)
    .where(and(isNotNull(auditStreams.secret), only(auditStreams.secret)))
    .orderBy(auditStreams.id);
  const [inServers, inStreams] = await Promise.all(
    limit === undefined ? [ofServers, ofStreams] : [ofServers.limit(limit), ofStreams.limit(limit)],
  );
  return [...(inServers ?? []), ...(inStreams ?? [])];
}

function staleRows(): Promise<SealedRow[]> {
  const current = `v1.${currentKey().id}.%`;
  return sealedRows((column) => sql`${column} NOT LIKE ${current}`, 100);
}

async function rewrapRow(actor: Actor, { of, id, sealed }: SealedRow): Promise<number> {
  const fresh = rewrap(sealed, id);
  return inControl(
    actor,
    async (tx) => {
      const update =
        of === "servers"
          ? tx
              .update(servers)
              .set({ credential: fresh })
              .where(and(eq(servers.id, id), eq(servers.credential, sealed)))
          : tx
              .update(auditStreams)
              .set({ secret: fresh })
              .where(and(eq(auditStreams.id, id), eq(auditStreams.secret, sealed)));
      return (await update).rowCount ?? 0;
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
  const rows = await sealedRows(() => sql`true`);
  const current = currentKey().id;
  const previous = previousKeys().map(({ id }) => id);
  const counts = new Map<string, number>();
  for (const { sealed } of rows) counts.set(keyIdOf(sealed), (counts.get(keyIdOf(sealed)) ?? 0) + 1);
  const secrets = [...counts].map(([keyId, count]) => ({
    keyId,
    count,
    current: keyId === current,
    configured: keyId === current || previous.includes(keyId),
  }));
  return { current, previous, secrets };
}
