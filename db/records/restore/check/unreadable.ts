import { dollarQuoted } from "../../../managed/capture/dollar-quote.ts";
import { identifier, literal } from "../../../managed/statement.ts";
import type { Column } from "../../table-shape.ts";
import { attempt } from "../attempt.ts";
import { problems, rows } from "../scratch.ts";
import { readable } from "../values.ts";
import { named, type Work, type WorkTable } from "../work.ts";
import { offersOf } from "./column-offers.ts";
import { offersSql } from "./note.ts";

/**
 * Finds the values that cannot be read into their columns, and leaves them out of what is read. Only the columns that refuse
 * are gone through value by value, each in a block of its own: PostgreSQL before version 16 has no other way to ask.
 */
export async function findUnreadable(work: Work, table: WorkTable, columns: readonly Column[]): Promise<void> {
  for (const column of columns) {
    const tried = await attempt(work, () =>
      work.client.query(
        `SELECT count(v.*) FROM ${rows} AS s
          CROSS JOIN LATERAL jsonb_to_record(${readable("s", [column])}) AS v (${identifier(column.name)} ${column.type})
          WHERE s.tab = $1 AND s.fitted IS NULL`,
        [table.tab],
      ),
    );
    if ("refused" in tried) await walk(work, table, column);
  }
}

async function walk(work: Work, table: WorkTable, column: Column): Promise<void> {
  const name = literal(column.name);
  const kind = `type_changed:${named(table)}:${column.name}`;
  const text = `
DECLARE
  one record;
BEGIN
  FOR one IN SELECT s.n, ${readable("s", [column])} AS doc, s.image -> ${name} AS was FROM ${rows} AS s
              WHERE s.tab = ${table.tab} AND s.fitted IS NULL AND s.image ? ${name} AND NOT ${name} = ANY (s.withheld)
  LOOP
    BEGIN
      PERFORM v.* FROM jsonb_to_record(one.doc) AS v (${identifier(column.name)} ${column.type});
    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
      UPDATE ${rows} SET withheld = array_append(withheld, ${name}::text) WHERE n = one.n;
      INSERT INTO ${problems} (n, kind, code, tab, subject, columns, offers, detail)
      VALUES (one.n, ${literal(kind)}, 'type_changed', ${table.tab}, ${name}, ARRAY[${name}], ${offersSql(...offersOf(column))},
              jsonb_build_object('was', one.was, 'reason', SQLERRM))
          ON CONFLICT DO NOTHING;
    END;
  END LOOP;
END`;
  await work.client.query(`DO ${dollarQuoted(text)}`);
}
