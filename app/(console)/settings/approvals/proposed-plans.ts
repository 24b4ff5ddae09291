import type { Actor } from "#db/actor.ts";
import type { Approval } from "#db/approvals/contract.ts";
import { proposedExpiries, proposedReleases } from "#db/audit/retention/proposed.ts";
import { proposedSwitches } from "#db/records/retention/proposed.ts";
import { tenantsToDelete } from "#db/tenants/leave/proposed.ts";
import { holdWords } from "../../deleted/holds/words.ts";
import { policyWords } from "../../deleted/retention/words.ts";

/** What a proposed act would do, in words and as a screen that whoever decides may read. */
export interface ProposedPlan {
  effect?: string;
  links: { href: string; label: string }[];
}

type Reader = (actor: Actor, proposals: Approval[]) => Promise<Map<string, ProposedPlan>>;

/** Each act's own way to its plan. The completion of a move is told on the card itself. */
const readers: Record<string, Reader> = {
  "records.restore": linked((hash) => `/deleted/restore?plan=${hash}`),
  "records.erase": linked((hash) => `/deleted/erasures?plan=${hash}`),
  "moves.sweep": linked((hash) => `/tenants/moves/leftovers?plan=${hash}`),
  "audit.begin_epoch": async (_actor, proposals) =>
    planEach(proposals, () => ({
      effect:
        "Sealing goes on after the last sealed entry that is still there; those that are gone are counted as lost in a restore.",
      links: [{ href: "/audit/proof", label: "Look at the log" }],
    })),
  "tenants.delete": readDeletions,
  "records.purge": readSwitches,
  "retention.release_hold": readReleases,
  "retention.expire": readExpiries,
  "backups.set_retention": async (_actor, proposals) =>
    planEach(proposals, () => ({
      effect:
        "Older backups are then removed at the next daily run, but for the newest good one of a database in the fleet and those that a legal hold keeps.",
      links: [{ href: "/backups", label: "Look at the backups" }],
    })),
  "backups.remove": async (_actor, proposals) =>
    planEach(proposals, () => ({
      effect:
        "The backup's file goes, and what it holds can be restored no more. The last good one of a database stays.",
      links: [{ href: "/backups", label: "Look at the backups" }],
    })),
  "retention.set": async (_actor, proposals) =>
    planEach(proposals, () => ({
      effect: "Nothing is removed by it: what is then past its time goes month by month, each by two people again.",
      links: [{ href: "/audit/retention", label: "Look at the rules as they are" }],
    })),
};

/** The plans of these proposals by the proposal's id, as far as they can be found. */
export async function readProposedPlans(
  actor: Actor,
  approvals: readonly Approval[],
): Promise<Map<string, ProposedPlan>> {
  const byVerb = [...Map.groupBy(approvals, ({ verb }) => verb)];
  const plans = await Promise.all(byVerb.map(async ([verb, of]) => [...((await readers[verb]?.(actor, of)) ?? [])]));
  return new Map(plans.flat());
}

function linked(address: (planHash: string) => string): Reader {
  return async (_actor, proposals) =>
    planEach(proposals, ({ planHash }) => ({ links: [{ href: address(planHash), label: "Look at the plan" }] }));
}

async function readDeletions(actor: Actor, proposals: Approval[]): Promise<Map<string, ProposedPlan>> {
  const tenants = await tenantsToDelete(actor, proposals);
  return planEach(proposals, ({ subject, planHash }) => {
    const named = tenants.filter(({ name }) => name.trim() === subject);
    return {
      effect:
        "Its rows, and its schema or database, are removed for good. A certificate stays, and the log's entries about it until their retention ends.",
      links: named.map(({ id, key }) => ({
        href: `/tenants/${id}/leave?how=delete&plan=${planHash}`,
        label: named.length === 1 ? "Look at the plan" : `Look at the plan of ${key}`,
      })),
    };
  });
}

async function readSwitches(actor: Actor, proposals: Approval[]): Promise<Map<string, ProposedPlan>> {
  const switches = await proposedSwitches(actor, proposals);
  return planEach(proposals, ({ planHash }) => {
    const found = switches.find((one) => one.planHash === planHash);
    if (!found) return null;
    const { policy, databaseName } = found;
    const whose = policy.tenant === null ? "" : ` of tenant ${policy.tenant}`;
    return {
      effect: `From the next run on, marked rows${whose} of ${policy.schema}.${policy.name} in ${databaseName} are ${policyWords(policy)}.`,
      links: [{ href: "/deleted/retention", label: "Look at the policies and their dry runs" }],
    };
  });
}

async function readReleases(actor: Actor, proposals: Approval[]): Promise<Map<string, ProposedPlan>> {
  const holds = await proposedReleases(actor, proposals);
  return planEach(proposals, ({ planHash }) => {
    const hold = holds.find((one) => one.planHash === planHash);
    if (!hold) return null;
    return {
      effect: `What it keeps may be removed again, by the application and by purges: ${holdWords(hold)} in ${hold.databaseName ?? "every database"}. It was placed since: ${hold.reason}`,
      links: [{ href: "/deleted/holds", label: "Look at the holds" }],
    };
  });
}

async function readExpiries(actor: Actor, proposals: Approval[]): Promise<Map<string, ProposedPlan>> {
  const months = await proposedExpiries(actor, proposals);
  return planEach(proposals, ({ subject }) => ({
    links: months
      .filter((one) => one.subject === subject)
      .map(({ databaseId, month }) => ({ href: `/audit/retention/${databaseId}/${month}`, label: "Look at the plan" })),
  }));
}

function planEach(
  proposals: readonly Approval[],
  planOf: (proposal: Approval) => ProposedPlan | null,
): Map<string, ProposedPlan> {
  const plans = new Map<string, ProposedPlan>();
  for (const proposal of proposals) {
    const plan = planOf(proposal);
    if (plan) plans.set(proposal.id, plan);
  }
  return plans;
}
