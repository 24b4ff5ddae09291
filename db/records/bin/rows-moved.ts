import type { Silent } from "../../fleet.ts";
import type { ManagedTable } from "../../managed-tables.ts";
import type { DeletedRow } from "../contract.ts";
import { backElsewhere } from "./back-elsewhere.ts";
import { livesIn, moversOf } from "./movers.ts";
import { soleTenants } from "./sole-tenants.ts";

/**
 * Rows of a page without those of tenants that have moved which are not deleted, or are listed elsewhere: a row that came back where its
 * tenant lives, and one that is marked, which went along and stands there.
 */
export async function withoutMoved(
  page: readonly DeletedRow[],
  managed: ReadonlyMap<string, readonly ManagedTable[]>,
): Promise<{ rows: DeletedRow[]; silent: Silent[] }> {
  const gone = [];
  const unsure: Silent[] = [];
  for (const [id, rows] of Map.groupBy(page, ({ database }) => database)) {
    const { tenants, silent } = await soleTenants(id, rows);
    unsure.push(...silent);
    const tenantOf = ({ tenant, transaction }: DeletedRow) => tenant ?? tenants.get(transaction ?? "") ?? null;
    const moverOf = await moversOf(id, managed.get(id) ?? [], rows.map(tenantOf));
    for (const row of rows) {
      const mover = moverOf({ ...row, tenant: tenantOf(row) });
      if (mover) gone.push({ ...row, at: row.at ?? "-infinity", record: row.record ?? "", mover, row });
    }
  }
  const { back, silent } = await backElsewhere(gone.filter(({ kind, record }) => kind === "hard" && record !== ""));
  const moved = new Map(gone.map((one) => [one.row, one]));
  const rows = page.flatMap((row) => {
    const one = moved.get(row);
    if (!one) return [row];
    if (row.kind === "soft" || back.has(one)) return [];
    return [{ ...row, movedTo: livesIn(one.mover) }];
  });
  return { rows, silent: [...unsure, ...silent] };
}
