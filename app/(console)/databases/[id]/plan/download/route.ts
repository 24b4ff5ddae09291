import { z } from "zod";
import { staffHandler } from "#app/_server/handler.ts";
import { planAdoption } from "#db/databases/plan.ts";
import { sqlFile } from "../../sql-file.ts";

export const GET = staffHandler("databases.read", z.object({ id: z.uuid() }), async (actor, { id }) => {
  const plan = await planAdoption(actor, id);
  return sqlFile(`adopt-${plan.database}`, plan);
});
