import type { Policy, Trigger } from "../definition.ts";
import type { Reader } from "../reader.ts";
import { splitAt } from "../text.ts";

/** The application's triggers, by the relation's oid. Caretaker's own come and go with the adoption. */
export async function readTriggers(reader: Reader, oids: readonly string[]): Promise<Map<string, Trigger[]>> {
  const rows = await reader.twice<Omit<Trigger, "head" | "tail"> & { oid: string; definition: string; other: boolean }>(
    `SELECT t.tgrelid::text AS oid, t.tgname AS name, pg_get_triggerdef(t.oid) AS definition,
            obj_description(t.oid, 'pg_trigger') AS comment, t.tgenabled AS enabled,
            t.tgconstrrelid <> 0 AS other
       FROM pg_trigger t
       JOIN pg_proc p ON p.oid = t.tgfoid
       JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname <> 'caretaker'
      ORDER BY t.tgrelid, t.tgname`,
    [oids],
  );
  const found = new Map<string, Trigger[]>();
  for (const [{ oid, definition, other, ...row }, plain] of rows) {
    if (other) {
      reader.problems.push(constraintTrigger(row.name));
      continue;
    }
    const [qualified, bare] = [splitAt(definition, "ON"), splitAt(plain.definition, "ON")];
    const tail = reader.text(qualified.after, bare.after, `trigger ${row.name}`);
    found.set(oid, [...(found.get(oid) ?? []), { ...row, head: qualified.before, tail }]);
  }
  return found;
}

/** The application's row-level security policies, by the table's oid. Those of other tenants' moves come and go. */
export async function readPolicies(reader: Reader, oids: readonly string[]): Promise<Map<string, Policy[]>> {
  type Row = Omit<Policy, "using" | "check"> & { oid: string; using: string | null; check: string | null };
  const rows = await reader.twice<Row>(
    `SELECT p.polrelid::text AS oid, p.polname AS name, p.polpermissive AS permissive,
            CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
            ARRAY(SELECT pg_get_userbyid(role)::text FROM unnest(p.polroles) AS role WHERE role <> 0 ORDER BY 1) AS roles,
            pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check,
            obj_description(p.oid, 'pg_policy') AS comment
       FROM pg_policy p
      WHERE p.polrelid = ANY ($1::oid[]) AND p.polname NOT IN ('caretaker_tenant', 'caretaker_staff')
        AND p.polname !~ '^caretaker_move_[0-9a-f]{12}_[ab]_'
      ORDER BY p.polrelid, p.polname`,
    [oids],
  );
  const found = new Map<string, Policy[]>();
  for (const [{ oid, using, check, ...row }, plain] of rows) {
    const text = (one: string | null, other: string | null) =>
      one === null || other === null ? null : reader.text(one, other, `policy ${row.name}`);
    found.set(oid, [
      ...(found.get(oid) ?? []),
      { ...row, using: text(using, plain.using), check: text(check, plain.check) },
    ]);
  }
  return found;
}

function constraintTrigger(name: string) {
  return {
    severity: "blocking",
    code: "constraint_trigger",
    subject: `trigger ${name}`,
    message: "It is a constraint trigger between two tables (CREATE CONSTRAINT TRIGGER … FROM), which is not carried.",
    fix: "Replace it by a foreign key or an ordinary trigger.",
  } as const;
}
