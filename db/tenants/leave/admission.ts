import { controlPool } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { withDatabase } from "../../fleet.ts";
import { limits } from "../../transaction.ts";
import { expectedTables, readEnforcement, requireEnforcement } from "../enforcement.ts";
import type { LeavePlan } from "./contract.ts";
import type { LivingTenant } from "./tables.ts";

function consequenceIn({ tier }: LivingTenant): string {
  const may = "Its application may go on writing while it leaves: rows that change before the removal stop it";
  return tier === "shared" ? `${may}, and a row that comes in that very moment stays.` : `${may}.`;
}

/**
 * Whether the tenant's application is kept from writing while it leaves. It must be where that can be had. Where it cannot, or the
 * application itself counts the tenant as gone, whoever lets it leave is told.
 */
export async function admissionProblems(tenant: LivingTenant): Promise<LeavePlan["problems"]> {
  const { name, databaseId, tier, schema } = tenant;
  const consequence = consequenceIn(tenant);
  const expected = await expectedTables(controlPool(), { name, placement: { databaseId, tier, schema } });
  const enforcement = await withDatabase(databaseId, (client) => readEnforcement(client, expected), {
    limits: limits.long,
  });
  const [unenforced, fix] = whyNot(() => requireEnforcement(enforcement));
  if (tenant.status === "archived") {
    const message = `The list of tenants counts it as gone, and nothing here refuses it. ${consequence}`;
    return [{ severity: "warning", subject: name, message, fix: "See to it that nobody works with it any more." }];
  }
  if (unenforced !== null) {
    return [{ severity: "warning", subject: name, message: `${unenforced} ${consequence}`, fix }];
  }
  if (tenant.status !== "suspended") {
    const message = "It is not suspended, so that its application may write while it leaves.";
    return [{ severity: "blocking", subject: name, message, fix: "Suspend it first." }];
  }
  if (enforcement.open.length === 0) return [];
  return [
    {
      severity: "warning",
      subject: enforcement.open.join(", "),
      message: `Nothing refuses the suspended tenant there. ${consequence}`,
      fix: "Turn on row-level security for them in the adoption plan of the database first.",
    },
  ];
}

function whyNot(require: () => void): [message: string | null, fix: string] {
  try {
    require();
    return [null, ""];
  } catch (error) {
    if (error instanceof Refusal) return [error.message, error.fix ?? ""];
    throw error;
  }
}
