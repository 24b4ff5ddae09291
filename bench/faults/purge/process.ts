import { systemActor } from "#db/mint.ts";
import { placeHoldSchema } from "#db/records/holds/contract.ts";
import { placeHold } from "#db/records/holds/place.ts";
import { run } from "#db/records/retention/testing/purging.ts";
import { serve } from "../in-hand.ts";

/** A purge, or a record's hold. */
export interface Given {
  what: "purge" | "hold";
  database: string;
  id: string;
  record?: string;
}

const actor = systemActor("faults");

serve(async ({ what, database, id, record }: Given) => {
  if (what === "purge") return await run(actor, database, { id, rows: 3 });
  const hold = { name: id, kind: "record", databaseId: database, table: "public.parents", record, reason: "faults" };
  return await placeHold(actor, placeHoldSchema.parse(hold));
});
