import { holdsFor } from "../../../audit/retention/holds.ts";
import { holdOf } from "../../../managed/holds/refuse.ts";
import type { Hold, HoldableTable } from "../../../managed/holds/rule.ts";
import { standingHolds } from "../../../managed/holds/standing.ts";
import { tenantSourceOf } from "../../../managed/tenant-source.ts";
import { keyRecord, quoteTable, sameKey } from "../../row-key.ts";
import type { TableShape } from "../../table-shape.ts";
import type { FoundTable } from "./findings.ts";
import { keyOf, type Looking, nameOf } from "./looking.ts";

/** Names the rows that a legal hold keeps: of the holds that stand here, and of those that were placed and come to stand yet. */
export async function markHeld(looking: Looking, tables: readonly FoundTable[]): Promise<FoundTable[]> {
  const placed = await holdsFor(looking.subject.database);
  const standing = await standingHolds(looking.client);
  const holds: Hold[] = [...standing, ...placed.filter(({ id }) => !standing.some((one) => one.id === id))];
  if (holds.length === 0) return [...tables];
  const marked: FoundTable[] = [];
  for (const table of tables) {
    const shape = looking.shapes.get(nameOf(table));
    marked.push(shape ? { ...table, held: await heldOf(looking, shape, table, holds) } : table);
  }
  return marked;
}

/** Not asked with the patience of other questions: what is not known to be free of holds must not be erased. */
async function heldOf(
  looking: Looking,
  shape: TableShape,
  { rows }: FoundTable,
  holds: readonly Hold[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const key = keyOf(looking, shape);
  const { rows: held } = await looking.client.query<{ record: string }>(
    `SELECT r.record FROM unnest($1::text[]) AS r (record)
      CROSS JOIN LATERAL ${keyRecord(key, "r.record", "k")}
       JOIN ${quoteTable(shape)} AS t ON ${sameKey("t", "k", key)}
      WHERE ${holdOf(holds, holdable(looking, shape), "t")} IS NOT NULL ORDER BY 1`,
    [rows.map(({ record }) => record)],
  );
  return held.map(({ record }) => record);
}

function holdable({ managed }: Looking, shape: TableShape): HoldableTable {
  const known = managed.find(({ schema, name }) => schema === shape.schema && name === shape.name);
  const has = (name: string) => shape.columns.some((column) => column.name === name);
  return {
    schema: shape.schema,
    name: shape.name,
    columns: shape.columns.map(({ name, plainType, generatedAs }) => ({
      name,
      type: plainType,
      generated: generatedAs !== null,
    })),
    primaryKey: shape.primaryKey.length > 0 ? shape.primaryKey : (known?.primaryKey ?? []),
    partitioned: shape.partitioned,
    tenant: known ? tenantSourceOf(known, managed, null, has) : null,
    marks: known?.softDelete != null,
    aside: known?.class === "ignored",
  };
}
