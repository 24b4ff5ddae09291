import pg from "pg";
import { rowsEach, type Statement, type Step } from "./cases.ts";
import { keyText, keyValues, type Laid, pointsTo, type Row } from "./layout.ts";
import { byKey, type Doubtful, type State, type World } from "./world.ts";

/** All rows of all tables, every value as text. */
export async function readState(client: pg.Client, tables: readonly Laid[]): Promise<State> {
  const parts = tables.map(
    ({ at, sql }) =>
      `SELECT ${at} AS at, (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) AS row FROM ${sql} AS t`,
  );
  const { rows } = await client.query<{ at: number; row: Row }>(parts.join(" UNION ALL "));
  return tables.map((table) =>
    byKey(
      table,
      rows.flatMap(({ at, row }) => (at === table.at ? [row] : [])),
    ),
  );
}

/** The application's own transaction. A statement that the database refuses is left out of it. */
export async function write(client: pg.Client, world: World, statements: readonly Statement[]): Promise<void> {
  await client.query("BEGIN");
  const states: State[] = [];
  for (const statement of statements) {
    const { sql, values } = sqlOf(world.tables, statement);
    if (sql === "") continue;
    await client.query("SAVEPOINT one");
    try {
      await client.query(sql, values);
      states.push(await readState(client, world.tables));
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || !/^2[23]/.test(error.code ?? "")) throw error;
      await client.query("ROLLBACK TO SAVEPOINT one");
    }
  }
  const { rows } = await client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
  await client.query("COMMIT");
  await take(client, world, rows[0]?.id ?? "", states);
}

/** What the console's last transaction came to, as the tables and the log have it. */
export async function takeConsole(client: pg.Client, world: World, schema: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT transaction_id::text AS id FROM caretaker.audit_logs WHERE resource_schema = $1 ORDER BY audit_logs.id DESC LIMIT 1",
    [schema],
  );
  await take(client, world, rows[0]?.id ?? "", [await readState(client, world.tables)]);
}

async function take(client: pg.Client, world: World, transaction: string, states: readonly State[]): Promise<void> {
  const doubtful: Doubtful[] = [];
  world.take(transaction, states, doubtful);
  for (const event of doubtful) event.image = await imageInLog(client, world, event, transaction);
}

/** The order in which one statement took a row's pointer and the row itself is the database's own. */
async function imageInLog(client: pg.Client, world: World, event: Doubtful, transaction: string): Promise<Row> {
  const { rows } = await client.query<{ row: Row }>(
    `SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(old_values)) AS row FROM caretaker.audit_logs
      WHERE transaction_id = $1::text::xid8 AND action = 'delete' AND resource_type = $2 AND resource_id = $3
      ORDER BY audit_logs.id DESC LIMIT 1`,
    [transaction, world.tables[event.table]?.name, event.key],
  );
  return { ...event.image, ...rows[0]?.row };
}

const nothing = { sql: "", values: [] };

/** SQL of a statement. What it names by a number beyond what there is means one of those that are. */
function sqlOf(tables: readonly Laid[], statement: Statement): { sql: string; values: (string | null)[] } {
  const table = tables[statement.table % tables.length];
  if (!table) return nothing;
  const values: (string | null)[] = [];
  const bind = (value: string | null) => `$${values.push(value)}`;
  const where = (row: number) =>
    keyValues(table, row)
      .map((value, at) => `${table.keyColumns[at]} = ${bind(value)}`)
      .join(" AND ");
  const pointer = (parent: number, to: number | null) => {
    const foreign = table.foreign[parent % table.foreign.length];
    const aim = foreign && tables[foreign.to];
    return foreign && aim
      ? { foreign, values: to === null ? foreign.columns.map(() => null) : keyValues(aim, to) }
      : null;
  };
  switch (statement.do) {
    case "insert": {
      const given: [string, string | null][] = table.keyColumns.map((name, at) => [
        name,
        keyValues(table, statement.row)[at] ?? null,
      ]);
      table.foreign.forEach((foreign, at) => {
        const aim = pointer(at, statement.parents[at] ?? (foreign.required ? statement.row : null));
        given.push(...foreign.columns.map((name, c): [string, string | null] => [name, aim?.values[c] ?? null]));
      });
      given.push(["code", statement.code], ["note", statement.note]);
      const names = given.map(([name]) => name).join(", ");
      return {
        sql: `INSERT INTO ${table.sql} (${names}) VALUES (${given.map(([, value]) => bind(value)).join(", ")})`,
        values,
      };
    }
    case "remove":
      return { sql: `DELETE FROM ${table.sql} WHERE ${where(statement.row)}`, values };
    case "mark":
    case "unmark": {
      if (table.markColumn === null) return nothing;
      const on = statement.do === "mark";
      const set = table.mark === "boolean" ? String(on) : on ? "clock_timestamp()" : "NULL";
      return { sql: `UPDATE ${table.sql} SET ${table.markColumn} = ${set} WHERE ${where(statement.row)}`, values };
    }
    case "note":
    case "code": {
      const value = statement.do === "note" ? statement.note : statement.code;
      return { sql: `UPDATE ${table.sql} SET ${statement.do} = ${bind(value)} WHERE ${where(statement.row)}`, values };
    }
    case "point": {
      const aim = pointer(statement.parent, statement.to);
      if (!aim) return nothing;
      const sets = aim.foreign.columns.map((name, at) => `${name} = ${bind(aim.values[at] ?? null)}`);
      return { sql: `UPDATE ${table.sql} SET ${sets.join(", ")} WHERE ${where(statement.row)}`, values };
    }
    case "clear": {
      const aim = pointer(statement.parent, statement.to);
      if (!aim) return nothing;
      const from = aim.foreign.columns.map((name, at) => `${name} = ${bind(aim.values[at] ?? null)}`).join(" AND ");
      const sets = aim.foreign.columns.map((name) => `${name} = NULL`).join(", ");
      return { sql: `UPDATE ${table.sql} SET ${sets} WHERE ${from}`, values };
    }
  }
}

/** What stands in the way of a deleted row from now on. */
export function spoiling(world: World, { deletion, row, how }: Extract<Step, { do: "spoil" }>): Statement[] {
  const { happened = [] } = world.deletionBy(deletion) ?? {};
  const removed = happened.filter(({ what }) => what !== "cleared");
  const event = removed[row % Math.max(removed.length, 1)];
  const table = event && world.tables[event.table];
  if (!event || !table) return [];
  const own = numberOf(table, event.key);
  if (how === "parent") {
    return table.foreign.flatMap((foreign): Statement[] => {
      const parent = pointsTo(foreign, event.image);
      const aim = world.tables[foreign.to];
      return parent === null || !aim ? [] : [{ do: "remove", table: foreign.to, row: numberOf(aim, parent) }];
    });
  }
  const parents = table.foreign.map((foreign) => {
    const parent = pointsTo(foreign, event.image);
    const aim = world.tables[foreign.to];
    return parent === null || !aim ? null : numberOf(aim, parent);
  });
  const code = how === "code" ? (event.image.code ?? null) : null;
  const other = how === "code" ? (own % rowsEach) + 1 : own;
  return [
    { do: "code", table: table.at, row: other, code },
    { do: "insert", table: table.at, row: other, parents, code, note: "in the way" },
  ];
}

function numberOf(table: Laid, key: string): number {
  const numbers = Array.from({ length: rowsEach }, (_, at) => at + 1);
  return numbers.find((row) => keyText(keyValues(table, row)) === key) ?? 0;
}

/** Every table begins with its rows, as far as the database takes them. */
export function beginning(tables: readonly Laid[], rows: number): Statement[] {
  return tables.flatMap((table) =>
    Array.from({ length: rows }, (_, at): Statement => {
      const row = at + 1;
      const parents = table.foreign.map((foreign, f) =>
        foreign.to === table.at ? (row > 1 ? row - 1 : foreign.required ? row : null) : 1 + ((at + f) % rows),
      );
      return {
        do: "insert",
        table: table.at,
        row,
        parents,
        code: ["a", "b", "c", null][at] ?? null,
        note: `row ${row}`,
      };
    }),
  );
}
