import type { Definition } from "../../managed/definition/definition.ts";
import type { AdoptedCopy } from "../../managed/own-tables.ts";
import type { CatalogTable } from "../../managed/read-tables.ts";
import type { PathStep } from "../../schema/fleet.ts";
import type { ManagedTable } from "./source.ts";

/** Where copies lie, and whose they are. */
export interface CopyPlace {
  schemaOf(schema: string): string;
  tenantKey: string;
}

/** The copies of tables as adoption will see them, from what the originals are; types printed with their schemas. */
export function adoptedCopies(
  tables: readonly ManagedTable[],
  catalog: readonly CatalogTable[],
  definitions: readonly Definition[],
  place: CopyPlace,
): AdoptedCopy[] {
  const owners = new Map(
    definitions.flatMap(({ schema, tables: all }) => all.map((table) => [`${schema}.${table.name}`, table.owner])),
  );
  return tables.flatMap((managed) => {
    const known = catalog.find((one) => one.schema === managed.schema && one.name === managed.name);
    if (!known) return [];
    return [
      {
        table: { ...known, schema: place.schemaOf(known.schema), primaryKey: managed.primaryKey },
        owner: owners.get(`${managed.schema}.${managed.name}`) ?? "",
        tenantColumn: managed.class === "tenant" ? managed.tenantColumn : null,
        tenantKey: managed.class === "tenant" || managed.class === "child" ? place.tenantKey : null,
        audited: managed.audited,
        masked: managed.maskedColumns,
        ignored: managed.ignoredColumns,
        rowSecurity: managed.rowSecurity,
        softDelete: managed.softDelete,
        activeView: managed.activeView,
      },
    ];
  });
}

/** What the model says about a copy. */
export function managedCopy(managed: ManagedTable, databaseId: string, place: CopyPlace) {
  const { id: _id, confirmedAt: _confirmedAt, ...rest } = managed;
  const own = managed.class === "tenant" || managed.class === "child";
  const step = (one: PathStep): PathStep => ({ ...one, schema: place.schemaOf(one.schema) });
  return {
    ...rest,
    databaseId,
    schema: place.schemaOf(managed.schema),
    reason: own ? "It holds one tenant alone." : managed.reason,
    tenantPath: managed.tenantPath.map(step),
    tenantConstant: own ? place.tenantKey : null,
  };
}
