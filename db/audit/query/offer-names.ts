import { and, asc, isNotNull, isNull, or, sql } from "drizzle-orm";
import { control } from "../../control.ts";
import { databases, managedTables } from "../../schema/fleet.ts";
import { staff } from "../../schema/staff.ts";
import { tenants } from "../../schema/tenants.ts";
import { departedDatabases } from "../scope.ts";
import type { Named } from "./fields.ts";
import type { Offered } from "./offer.ts";

const most = 8;

/** What the console itself knows by name. */
export async function namesBegun(field: Named, begin: string): Promise<Offered[]> {
  const pattern = `${begin.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const begins = (column: unknown) => sql`lower(${column}::text) LIKE ${pattern}`;
  switch (field) {
    case "action":
      return ["create", "update", "delete", "truncate"]
        .filter((action) => action.startsWith(begin))
        .map((value) => ({ value }));
    case "table": {
      const rows = await control()
        .selectDistinct({ value: managedTables.name })
        .from(managedTables)
        .where(begins(managedTables.name))
        .orderBy(asc(managedTables.name))
        .limit(most);
      return rows;
    }
    case "database": {
      const rows = await control()
        .select({ value: databases.name })
        .from(databases)
        .where(and(isNotNull(databases.adoptedAt), isNull(databases.releasedAt), begins(databases.name)))
        .orderBy(asc(databases.name))
        .limit(most);
      const departed = (await departedDatabases()).filter(({ called }) => called.toLowerCase().startsWith(begin));
      const left = departed.map(({ called }) => ({ value: called, note: "left; its archived months" }));
      return [
        ...rows,
        ...left,
        ...("console".startsWith(begin) ? [{ value: "console", note: "the console itself" }] : []),
      ];
    }
    case "tenant": {
      const rows = await control()
        .select({ key: tenants.key, slug: tenants.slug, name: tenants.name })
        .from(tenants)
        .where(or(begins(tenants.name), begins(tenants.slug), begins(tenants.key)))
        .orderBy(asc(sql`lower(${tenants.name})`))
        .limit(most);
      return rows.map(({ key, slug, name }) => ({ value: slug ?? key, note: name }));
    }
    case "actor": {
      const rows = await control()
        .select({ value: staff.email, note: staff.name })
        .from(staff)
        .where(or(begins(staff.email), begins(staff.name)))
        .orderBy(asc(staff.name))
        .limit(most);
      return rows.map(({ value, note }) => ({ value, note: `${note}, staff` }));
    }
    default:
      return [];
  }
}
