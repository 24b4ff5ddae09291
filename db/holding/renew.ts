import type { Actor } from "../actor.ts";
import { growHold, type StandingRules } from "../audit/retention/holds.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import { personRules, together } from "./person.ts";
import type { Model } from "./tables.ts";

/** Holds on people with what points at them by now: tables and foreign keys that came after they were placed, values that changed. */
export async function renewRules(
  actor: Actor,
  databaseId: string,
  model: Model,
  placed: readonly StandingRules[],
): Promise<StandingRules[]> {
  const renewed: StandingRules[] = [];
  for (const hold of placed) {
    const rules =
      hold.person === null ? hold.rules : together(hold.rules, await rulesNow(databaseId, model, hold.person));
    if (rules.length > hold.rules.length) await growHold(actor, hold.id, rules);
    renewed.push({ ...hold, rules });
  }
  return renewed;
}

/** Where what points at the person cannot be found any more, what was found before is kept, and other holds come to stand; the hold says so. */
async function rulesNow(databaseId: string, model: Model, person: string) {
  try {
    return await withDatabase(databaseId, (client) => personRules(client, model, person));
  } catch (error) {
    if (error instanceof Refusal && ["invalid", "unsupported"].includes(error.code)) return [];
    throw error;
  }
}
