import type { Actor } from "../actor.ts";
import { missingKey } from "./keys.ts";
import { readKeyState } from "./rotate.ts";

/** @throws Refusal `conflict` while a secret of the control database is under a master key that is not configured. */
export async function requireKeys(actor: Actor): Promise<void> {
  const { secrets } = await readKeyState(actor);
  const [missing] = secrets.filter(({ configured }) => !configured);
  if (missing) throw missingKey(missing.keyId);
}
