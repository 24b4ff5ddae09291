import { literal, own, type Statement } from "../statement.ts";

const object = "caretaker.suspended_tenants";

/** Lets a place refuse a tenant that is suspended at the other one, since then and for that reason. */
export function suspendStatement(tenantKey: string, reason: string, at: string): Statement {
  return own(
    object,
    "The tenant is suspended, and stays so at the new place.",
    `INSERT INTO caretaker.suspended_tenants (tenant_key, reason, suspended_at)
VALUES (${literal(tenantKey)}, ${literal(reason)}, ${literal(at)}) ON CONFLICT (tenant_key) DO NOTHING`,
  );
}

export function admitStatement(tenantKey: string): Statement {
  return own(
    object,
    "The tenant is not suspended; it may have left the place while it was.",
    `DELETE FROM caretaker.suspended_tenants WHERE tenant_key = ${literal(tenantKey)}`,
  );
}
