import { rowSecurityFingerprint } from "../../managed/row-security.ts";
import { tableKey } from "../classify/table-key.ts";
import type { Desired, Secured } from "./desired.ts";
import type { Installed } from "./installed.ts";

/** Tables whose row security does not stand as the model asks, or not as a plan made it. */
export function unsecuredOf(
  desired: Desired,
  installed: Installed,
  user: string,
  applicationRole: string | null,
): Secured[] {
  if (applicationRole === null) return [];
  return desired.secured.filter((table) => {
    const made = rowSecurityFingerprint(table, applicationRole, { exempt: exemptOwner(table, user, applicationRole) });
    return installed.secured.get(tableKey(table))?.stands !== made;
  });
}

/** FORCE binds the owner too, who still migrates the table. */
export function exemptOwner(table: Secured, user: string, applicationRole: string): string[] {
  return table.owner === user || table.owner === applicationRole ? [] : [table.owner];
}
