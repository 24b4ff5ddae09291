import { controlPool } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { MoveProblem } from "../../contract.ts";
import type { MovingTenant, Place } from "../place.ts";

/** @throws Refusal where there is nothing to plan. */
export async function checkMove(tenant: MovingTenant, to: Place): Promise<MoveProblem[]> {
  const { place } = tenant;
  if (
    to.tier === place.tier &&
    (to.tier === "shared" || (to.databaseId === place.databaseId && to.schema === place.schema))
  ) {
    throw new Refusal("conflict", `${tenant.name} already lives there.`, { fix: "Choose another tier or place." });
  }
  const { rows } = await controlPool().query<{ id: string }>(
    "SELECT id FROM moves WHERE tenant_id = $1 AND state NOT IN ('completed', 'aborted')",
    [tenant.id],
  );
  const [open] = rows;
  if (open) {
    throw new Refusal("conflict", `${tenant.name} is already being moved.`, {
      fix: "Complete that move, or abort it, first.",
    });
  }
  if (tenant.status !== "suspended") return [];
  return [
    {
      severity: "blocking",
      code: "suspended",
      subject: tenant.name,
      message: `${tenant.name} is suspended, which holds in the database where it lives now.`,
      fix: "Reopen it, move it, and suspend it again there.",
    },
  ];
}
