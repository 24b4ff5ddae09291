import { controlPool } from "../../control.ts";
import { copyReferences } from "../copy/references.ts";
import type { Move } from "../move.ts";
import type { Pair } from "../pair.ts";

/** Shared tables are emptied at the new place only while neither this tenant nor another one has ever lived there. */
export async function bringReferences(pair: Pair, move: Move): Promise<void> {
  await copyReferences(pair, move.plan.references, () => isAlone(move));
}

async function isAlone({ wasMoved, tenantId, to }: Move): Promise<boolean> {
  if (wasMoved) return false;
  const { rowCount } = await controlPool().query(
    "SELECT FROM placements WHERE database_id = $1 AND tenant_id <> $2 LIMIT 1",
    [to.databaseId, tenantId],
  );
  return rowCount === 0;
}
