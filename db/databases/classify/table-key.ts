/** A schema-qualified table as a map's key. NUL cannot occur in an identifier. */
export type TableKey = string & { readonly table: unique symbol };

export function tableKey({ schema, name }: { schema: string; name: string }): TableKey {
  return `${schema}\u0000${name}` as TableKey;
}
