import { Values } from "../../../audit/conditions.ts";
import type { Pointing } from "../../../audit/proof/find-pointing.ts";
import { withDatabase } from "../../../fleet.ts";
import { archivedTables, findCopies } from "../../retention/archives.ts";
import type { ErasureSubject, NotReached } from "../contract.ts";
import type { Search } from "./find.ts";
import type { FoundEntries } from "./findings.ts";
import { whyUnread } from "./log.ts";
import { personalColumns } from "./personal.ts";

const recordsMax = 5_000;
const timeoutMs = 30_000;

interface Table {
  schema: string;
  name: string;
}

interface Named {
  terms: readonly string[];
  pointing: readonly Pointing[];
}

/**
 * The copies of deleted rows that name the person: of their own row, of rows that pointed at it, and those that hold a word. The log
 * may have forgotten these rows long before. A copy goes whole, so that the parts have no columns.
 */
export async function findInCopies(
  { subject, of }: Search,
  named: Named,
  notReached: NotReached[],
): Promise<FoundEntries[]> {
  const { confirmed, searched } = await personalColumns(subject, of);
  const parts: FoundEntries[] = [];
  for (const table of await withDatabase(subject.database, archivedTables)) {
    const name = `${table.schema}.${table.name}`;
    const columns = [...new Set([...(confirmed.get(name) ?? []), ...(searched.get(name) ?? [])])];
    const values = new Values();
    const which = namesPerson(values, table, columns, subject, named);
    if (which.length === 0) continue;
    const records = await recordsIn(subject.database, table, which.join(" OR "), values.list, notReached);
    if (records.length > 0) parts.push({ schema: table.schema, table: table.name, columns: [], records });
  }
  return parts;
}

/** SQL about a copy: each a way in which it names the person. */
function namesPerson(
  values: Values,
  { schema, name }: Table,
  columns: readonly string[],
  { schema: ownSchema = "public", table: own, record }: ErasureSubject,
  { terms, pointing }: Named,
): string[] {
  const field = (column: string) => `a."row" ->> ${values.add(column)}`;
  const ways: string[] = [];
  if (own === name && ownSchema === schema && record !== undefined) ways.push(`a.record = ${values.add(record)}`);
  for (const path of pointing) {
    if (path.schema !== schema || path.table !== name) continue;
    const same = path.columns.map((column, at) => `${field(column)} = ${values.add(path.values[at])}`);
    ways.push(`(${same.join(" AND ")})`);
  }
  if (terms.length > 0 && columns.length > 0) {
    const patterns = terms.map((term) => `%${term.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`);
    ways.push(`lower(concat_ws(' ', ${columns.map(field).join(", ")})) LIKE ANY (${values.add(patterns)}::text[])`);
  }
  return ways;
}

async function recordsIn(
  databaseId: string,
  table: Table,
  which: string,
  values: readonly unknown[],
  notReached: NotReached[],
): Promise<string[]> {
  const where = `copies of deleted rows of ${table.schema}.${table.name}`;
  try {
    const found = await withDatabase(databaseId, (client) => findCopies(client, table, which, values, recordsMax + 1), {
      timeoutMs,
    });
    if (found.length > recordsMax)
      notReached.push({ where, why: `More than ${recordsMax} records; the first of them are listed.` });
    if (found.includes(null))
      notReached.push({ where, why: "Copies without a key name the person: none can be removed alone." });
    return found.slice(0, recordsMax).filter((record) => record !== null);
  } catch (error) {
    notReached.push({ where, why: whyUnread(error) });
    return [];
  }
}
