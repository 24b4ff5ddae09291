import { sql } from "drizzle-orm";
import { control } from "../../control.ts";

/** Plans that were shown more than 30 days ago and never run. */
export async function forgetPlans(): Promise<number> {
  const { rowCount } = await control().execute(
    sql`DELETE FROM restore_plans AS p
         WHERE p.shown_at < now() - interval '30 days' AND NOT EXISTS (SELECT FROM restores AS r WHERE r.plan_hash = p.hash)`,
  );
  return rowCount ?? 0;
}
