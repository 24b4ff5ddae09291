import { identifier, literal, relation, type Statement } from "./statement.ts";

interface Table {
  schema: string;
  name: string;
}

interface Mark {
  column: string;
  kind: "timestamp" | "boolean";
}

/** Tells the views that a plan made from those of others. */
export const activeViewComment = "Live rows, kept in step with its table by Caretaker.";

/** The name of the view that shows a table's live rows. */
export function activeView(table: string): string {
  let kept = table;
  while (Buffer.byteLength(`active_${kept}`) > 63) kept = kept.slice(0, -1);
  return `active_${kept}`;
}

/**
 * SQL of the view of a table's live rows. It reads with the rights of whoever asks, so that row security holds for it as for the
 * table. Replacing it can only add columns at its end.
 */
export function activeViewSql(table: Table, { column, kind }: Mark): string {
  const live = kind === "boolean" ? `${identifier(column)} IS NOT TRUE` : `${identifier(column)} IS NULL`;
  return `CREATE OR REPLACE VIEW ${relation(table.schema, activeView(table.name))} WITH (security_invoker = true) AS
SELECT * FROM ${relation(table.schema, table.name)} WHERE ${live}`;
}

/** Makes or replaces a table's view; `anew` where its columns are no longer the first ones of the table. */
export function activeViewStatements(table: Table, mark: Mark, reader: string | null, anew: boolean): Statement[] {
  const view = relation(table.schema, activeView(table.name));
  const on = (sql: string, why: string): Statement => ({
    sql,
    object: `view ${view}`,
    lock: `ACCESS EXCLUSIVE on the view, ACCESS SHARE on ${relation(table.schema, table.name)}, milliseconds`,
    why,
    transactional: true,
  });
  return [
    ...(anew ? [on(`DROP VIEW ${view}`, "A column of it was renamed, which a view cannot follow.")] : []),
    on(activeViewSql(table, mark), "Shows the live rows, so that no query forgets to leave out the deleted ones."),
    on(`COMMENT ON VIEW ${view} IS ${literal(activeViewComment)}`, "Says whose it is, so that removal takes it along."),
    ...(reader === null
      ? []
      : [on(`GRANT SELECT ON ${view} TO ${identifier(reader)}`, "The application may read it.")]),
  ];
}

export function dropActiveViewStatements(view: Table): Statement[] {
  const name = relation(view.schema, view.name);
  return [
    {
      sql: `DROP VIEW IF EXISTS ${name}`,
      object: `view ${name}`,
      lock: "ACCESS EXCLUSIVE on the view, milliseconds",
      why: "Nobody asks for the view any more. It fails where another view needs it.",
      transactional: true,
    },
  ];
}
