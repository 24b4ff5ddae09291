import { holdOf, loosenedBy } from "../../../managed/holds/refuse.ts";
import type { HoldableTable } from "../../../managed/holds/rule.ts";
import { standingHolds } from "../../../managed/holds/standing.ts";
import { tenantSourceOf } from "../../../managed/tenant-source.ts";
import type { Column, TableShape } from "../../table-shape.ts";
import { rows } from "../scratch.ts";
import { standsAs, typed } from "../values.ts";
import { storedColumns, type Work, type WorkTable } from "../work.ts";
import { note, offersSql } from "./note.ts";

/** Finds rows that the plan would take out, or change so that a hold would not know them any more. The database refuses both. */
export async function checkHeld(work: Work): Promise<void> {
  const holds = await standingHolds(work.client);
  if (holds.length === 0) return;
  for (const table of work.tables) {
    if (!table.shape) continue;
    const columns = storedColumns(table.shape);
    const held = holdableOf(work, table, table.shape, columns);
    const found = (act: string, hold: string, after = "") =>
      `SELECT r.n, ${hold} AS hold FROM ${rows} AS r
        CROSS JOIN LATERAL ${typed("r.standing", columns, "before", true)} ${after}
        WHERE r.tab = ${table.tab} AND r.round = ${work.round} AND r.state = 'open' AND r.act = '${act}' AND r.standing IS NOT NULL`;
    const after = `CROSS JOIN LATERAL ${typed(standsAs("r"), columns, "after", true)}`;
    await note(
      work,
      table,
      "held",
      `SELECT h.n, 'row' AS subject, '{}'::text[] AS columns, ${offersSql("skip")} AS offers, jsonb_build_object('hold', h.hold) AS detail
         FROM (${found("delete", holdOf(holds, held, "before"))}
               UNION ALL ${found("update", loosenedBy(holds, held, "before", "after"), after)}) AS h
        WHERE h.hold IS NOT NULL`,
    );
  }
}

function holdableOf(work: Work, { managed }: WorkTable, shape: TableShape, columns: readonly Column[]): HoldableTable {
  const has = (name: string) => columns.some((column) => column.name === name);
  return {
    schema: shape.schema,
    name: shape.name,
    columns: columns.map(({ name, plainType }) => ({ name, type: plainType, generated: false })),
    primaryKey: shape.primaryKey.length > 0 ? shape.primaryKey : (managed?.primaryKey ?? []),
    partitioned: shape.partitioned,
    tenant: managed && tenantSourceOf(managed, work.managed, null, has),
    marks: managed?.softDelete != null,
    aside: managed?.class === "ignored",
  };
}
