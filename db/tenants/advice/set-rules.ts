import { type Actor, authorise } from "../../actor.ts";
import { inControl } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { listAdopted } from "../../fleet.ts";
import { adviceRules } from "../../schema/tenants.ts";
import type { AdviceRules, SetAdviceRules } from "./contract.ts";
import { roomsFor, rulesOf, storeAdvice } from "./store.ts";

/** The rules of the databases that list tenants. */
export async function listRules(
  actor: Actor,
  { database }: { database?: string | undefined },
): Promise<{ id: string; name: string; rules: AdviceRules }[]> {
  authorise(actor, "tenants.read");
  const listing = (await listAdopted()).filter(
    ({ id, tenantsTable }) => tenantsTable && (!database || id === database),
  );
  return await Promise.all(listing.map(async ({ id, name }) => ({ id, name, rules: await rulesOf(id) })));
}

const mebibyte = 1024 ** 2;

/**
 * Says when a tenant that this database lists should live elsewhere, and looks again at all that live in it. Those elsewhere follow
 * with the next measurement of where they live, and so do all where the database does not answer.
 */
export async function setAdviceRules(actor: Actor, input: SetAdviceRules): Promise<{ advised: number }> {
  authorise(actor, "tenants.write");
  if (input.schemaMegabytes <= input.sharedMegabytes) {
    throw new Refusal("invalid", "A schema must hold more than shared tables do.", {
      fieldErrors: { schemaMegabytes: "must be more than the limit of shared tables" },
    });
  }
  const rules = {
    sharedBytesMax: Math.round(input.sharedMegabytes * mebibyte),
    schemaBytesMax: Math.round(input.schemaMegabytes * mebibyte),
    writeShareMax: input.writeSharePercent / 100,
    days: input.days,
  };
  const rooms = await roomsFor(input.databaseId);
  return await inControl(actor, async (tx, client) => {
    const values = { ...rules, setBy: actor.name, setAt: new Date().toISOString() };
    await tx
      .insert(adviceRules)
      .values({ databaseId: input.databaseId, ...values })
      .onConflictDoUpdate({ target: adviceRules.databaseId, set: values });
    return { advised: await storeAdvice(client, input.databaseId, rooms) };
  });
}
