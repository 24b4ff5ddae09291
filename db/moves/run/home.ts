import { type Address, placementsChannel, removeOlderGates, tellOlderGates } from "../../managed/moving/gate.ts";
import type { Move } from "../move.ts";
import { addressOf, type Place } from "../plan/place.ts";
import { openSession } from "../session.ts";
import type { Hands } from "./hands.ts";

/**
 * Lets the database that lists the tenants say where this one lives now, also where it takes no part in the move: gates of earlier
 * moves stay there for that. Nothing is left to say when it lives in the shared schema for good.
 */
export async function tellHome(
  move: Move,
  { sessions }: Pick<Hands, "sessions">,
  lives: Place,
  forGood: boolean,
): Promise<void> {
  const known = sessions.find(({ databaseId }) => databaseId === move.homeDatabaseId);
  const session = known ?? (await openSession(move.homeDatabaseId, move.id));
  try {
    const address: Address = addressOf({ key: move.tenantKey }, lives);
    if (forGood && lives.tier === "shared") {
      await session.client.query(removeOlderGates(move.tenantKey, move.id).sql);
      return;
    }
    const { rowCount } = await session.client.query(tellOlderGates(move.tenantKey, move.id, address).sql);
    if (rowCount) await session.client.query("SELECT pg_notify($1, $2)", [placementsChannel, JSON.stringify(address)]);
  } finally {
    if (!known) await session.close();
  }
}
