import Link from "next/link";
import type { HistoryEntry } from "#db/audit/contract.ts";
import { parseRow } from "#db/audit/lossless.ts";
import { planHref } from "../../deleted/addresses.ts";

/** Ways back: to the record as this entry left it, or to one field as it was before. */
export function VersionLinks({ entry }: { entry: HistoryEntry }) {
  const { database, schema, table, record, id, action } = entry;
  if (schema === null || table === null || record === null) return null;
  const version = { database, schema, table, record, version: id };
  if (action === "delete") return <Link href={planHref({ database, entry: id })}>Restore the record</Link>;
  if (action !== "create" && action !== "update") return null;
  const fields = action === "update" ? Object.keys(parseRow(entry.before) ?? {}) : [];
  return (
    <>
      <Link href={planHref(version)}>Take the record back to this version</Link>
      {fields.length > 0 && fields.length <= 8
        ? fields.map((field) => (
            <Link key={field} href={planHref({ ...version, side: "before", field: [field] })}>
              {field} as it was before
            </Link>
          ))
        : null}
    </>
  );
}
