import { type Actor, authorise } from "../actor.ts";
import { controlPool, inControl } from "../control.ts";
import { currentKey, previousKeys } from "./keys.ts";
import { rewrap } from "./seal.ts";

interface Rotation {
  /** The key that every secret is under now. */
  keyId: string;
  rewrapped: number;
}

/**
 * Re-wraps every sealed secret under the current master key, online: each row by itself, only while it still
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

interface Place {
  table: string;
  column: string;
  /** What a secret is bound to, by its row's id. */
  context: (id: string) => string;
}

const byId = (id: string) => id;

/** Every place in which a sealed secret lies. */
const places: Place[] = [
  { table: "servers", column: "credential", context: byId },
  { table: "audit_streams", column: "secret", context: byId },
  { table: "checkpoint_places", column: "secret", context: byId },
  { table: "seal_keys", column: "sealed", context: byId },
  { table: "erasures", column: "sealed", context: byId },
  { table: "erasures", column: "found", context: (id) => `${id} found` },
];

interface SealedRow {
  place: Place;
  id: string;
  sealed: string;
}

async function staleRows(): Promise<SealedRow[]> {
  const current = `v1.${currentKey().id}.%`;
  const stale: SealedRow[] = [];
  for (const place of places) {
    const { table, column } = place;
    const { rows } = await controlPool().query<{ id: string; sealed: string }>(
      `SELECT id, ${column} AS sealed FROM ${table} WHERE ${column} <> '' AND ${column} NOT LIKE $1 ORDER BY id LIMIT 100`,
      [current],
    );
    stale.push(...rows.map((row) => ({ place, ...row })));
  }
  return stale;
}

function rewrapRow(actor: Actor, { place: { table, column, context }, id, sealed }: SealedRow): Promise<number> {
  const fresh = rewrap(sealed, context(id));
  return inControl(
    actor,
    async (_tx, client) => {
      const { rowCount } = await client.query(`UPDATE ${table} SET ${column} = $1 WHERE id = $2 AND ${column} = $3`, [
        fresh,
        id,
        sealed,
      ]);
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
  const counts = new Map<string, number>();
  for (const { table, column } of places) {
    const { rows } = await controlPool().query<{ keyId: string; count: number }>(
      `SELECT split_part(${column}, '.', 2) AS "keyId", count(*)::int AS count FROM ${table}
        WHERE ${column} <> '' GROUP BY 1`,
    );
    for (const { keyId, count } of rows) counts.set(keyId, (counts.get(keyId) ?? 0) + count);
  }
  const current = currentKey().id;
  const previous = previousKeys().map(({ id }) => id);
  const secrets = [...counts].map(([keyId, count]) => ({
    keyId,
    count,
    current: keyId === current,
    configured: keyId === current || previous.includes(keyId),
  }));
  return { current, previous, secrets };
}
