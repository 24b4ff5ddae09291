import { controlPool } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import type { MoveProblem } from "../../contract.ts";
import type { ModelledTable, MovingTenant, Place } from "../place.ts";

/** @throws Refusal where there is nothing to plan. */
export async function checkMove(
  tenant: MovingTenant,
  to: Place,
  modelled: readonly ModelledTable[],
): Promise<MoveProblem[]> {
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
  if (to.tier !== "shared" && !modelled.some(({ rowSecurity }) => rowSecurity)) {
    return [
      {
        severity: "blocking",
        code: "suspended",
        subject: tenant.name,
        message: `${tenant.name} is suspended, and nothing at a place of its own would refuse it: no table of the model has row security.`,
        fix: "Put row security on its tables in the model of the database, or reopen the tenant first.",
      },
    ];
  }
  return [
    {
      severity: "warning",
      code: "suspended",
      subject: tenant.name,
      message: `${tenant.name} is suspended, and stays so at the new place.`,
      fix: "Nothing. It can be reopened at any time, before the move, during it and after.",
    },
  ];
}
