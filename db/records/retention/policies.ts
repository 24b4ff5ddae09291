import { and, asc, eq, isNull } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { tenantNames } from "../../audit/story-tenants.ts";
import { type Control, control } from "../../control.ts";
import { purgePolicies } from "../../schema/purges.ts";
import { staff } from "../../schema/staff.ts";
import type { Policy, Simulation } from "./contract.ts";

const switcher = alias(staff, "switcher");

/** The policies that hold in a database now, by table and tenant. */
export async function policiesOf(databaseId: string, tx: Control = control()): Promise<Policy[]> {
  const rows = await tx
    .select({ policy: purgePolicies, setBy: staff.name, onBy: switcher.name })
    .from(purgePolicies)
    .leftJoin(staff, eq(staff.id, purgePolicies.setBy))
    .leftJoin(switcher, eq(switcher.id, purgePolicies.onBy))
    .where(and(eq(purgePolicies.databaseId, databaseId), isNull(purgePolicies.replacedAt)))
    .orderBy(asc(purgePolicies.schema), asc(purgePolicies.table), asc(purgePolicies.tenant));
  return rows.map(({ policy, setBy, onBy }) => ({
    id: policy.id,
    databaseId: policy.databaseId,
    schema: policy.schema,
    name: policy.table,
    tenant: policy.tenant,
    deletion: policy.deletion,
    graceDays: policy.graceDays,
    reason: policy.reason,
    setBy,
    setAt: policy.setAt,
    onAt: policy.onAt,
    onBy,
  }));
}

/** What a policy is about, and the name to type. */
export function policySubject(
  databaseName: string,
  { table, tenant }: { table: string; tenant: string | null },
): string {
  return [`${databaseName} ${table}`, tenant === null ? null : `tenant ${tenant}`].filter(Boolean).join(", ");
}

/** A simulation with the names of its tenants. */
export async function withNames(simulation: Omit<Simulation, "names">, databaseId: string): Promise<Simulation> {
  const keys = simulation.days.flatMap(({ tenant }) => tenant ?? []);
  return { ...simulation, names: Object.fromEntries(await tenantNames(keys, [databaseId])) };
}
