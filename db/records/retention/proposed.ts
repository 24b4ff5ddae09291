import { type Actor, authorise } from "../../actor.ts";
import { listAdopted } from "../../fleet.ts";
import type { Policy } from "./contract.ts";
import { policiesOf } from "./policies.ts";
import { switchOnHash } from "./set-policy.ts";

export interface ProposedSwitch {
  planHash: string;
  databaseName: string;
  policy: Policy;
}

/** The policies that are proposed to be switched on. One that was replaced since is absent. */
export async function proposedSwitches(
  actor: Actor,
  proposals: readonly { planHash: string }[],
): Promise<ProposedSwitch[]> {
  authorise(actor, "records.read");
  const wanted = new Set(proposals.map(({ planHash }) => planHash));
  const all = await Promise.all(
    (await listAdopted()).map(async ({ id, name }) =>
      (await policiesOf(id)).map((policy) => ({ planHash: switchOnHash(policy), databaseName: name, policy })),
    ),
  );
  return all.flat().filter(({ planHash }) => wanted.has(planHash));
}
