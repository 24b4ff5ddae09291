import { policiesIn } from "./inherited.ts";

/** The days for which a marked row stays by the policies that are switched on; null when nothing removes it. */
export type KeptDays = (table: { schema: string | null; table: string | null; tenant: string | null }) => number | null;

export async function keptDays(databaseId: string): Promise<KeptDays> {
  const policies = await policiesIn(databaseId);
  return ({ schema, table, tenant }) => {
    const own = policies.filter((policy) => policy.schema === schema && policy.name === table);
    const holds =
      own.find((policy) => policy.tenant !== null && policy.tenant === tenant) ??
      own.find((policy) => policy.tenant === null);
    return !holds || holds.onAt === null || holds.deletion === "never" ? null : holds.graceDays;
  };
}
