/** A row that is only marked as deleted. */
export interface RecordRef {
  schema: string;
  name: string;
  record: string;
}

/** Of a selection, the entries that deleted rows. */
export function entryRefs(refs: readonly string[]): string[] {
  return refs.filter((ref) => /^\d+$/.test(ref));
}

/** Of a selection, the rows that are only marked: `schema.table:key`. */
export function markedRefs(refs: readonly string[]): RecordRef[] {
  return refs.flatMap((ref) => {
    const [, schema = "", name = "", record = ""] = /^([^.]+)\.([^:]+):(.+)$/s.exec(ref) ?? [];
    return record === "" ? [] : [{ schema, name, record }];
  });
}

export function refOf({ schema, name, record }: RecordRef): string {
  return `${schema}.${name}:${record}`;
}
