import { z } from "zod";
import { staffHandler } from "#app/_server/handler.ts";
import { planRemoval } from "#db/databases/remove.ts";
import { sqlFile } from "../../sql-file.ts";

export const GET = staffHandler("databases.manage", z.object({ id: z.uuid() }), async (actor, { id }) => {
  const plan = await planRemoval(actor, id);
  return sqlFile(`remove-${plan.database}`, plan);
});
