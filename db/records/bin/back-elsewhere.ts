import type pg from "pg";
import { Values } from "../../audit/conditions.ts";
import { askAll, listAdopted, type Silent } from "../../fleet.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { limits } from "../../transaction.ts";
import type { DeletionKind } from "./contract.ts";
import { type Marks, marksOf, unmarksSql } from "./marks.ts";
import type { Mover } from "./movers.ts";

/** A row that went, of a tenant that lives elsewhere by now. */
interface Gone {
  at: string;
  kind: DeletionKind;
  table: string;
  record: string;
  mover: Mover;
}

/** Those that came back where their tenant lives, or has lived in between. A move itself is in no log. */
export async function backElsewhere<T extends Gone>(gone: readonly T[]): Promise<{ back: Set<T>; silent: Silent[] }> {
  if (gone.length === 0) return { back: new Set(), silent: [] };
  const adopted = new Set((await listAdopted()).map(({ id }) => id));
  const asked = Map.groupBy(
    gone.flatMap((one) => one.mover.others.map(({ databaseId, schema }) => ({ one, databaseId, schema }))),
    ({ databaseId }) => databaseId,
  );
  const marks = new Map<string, Marks>();
  for (const id of asked.keys()) if (adopted.has(id)) marks.set(id, marksOf(await managedTablesOf(id)));
  const ask = (client: pg.PoolClient, id: string) => cameBack(client, asked.get(id) ?? [], marks.get(id));
  const { answers, silent } = await askAll([...marks.keys()], ask, limits.page.statement);
  return { back: new Set(answers.flatMap(({ value }) => value)), silent };
}

async function cameBack<T extends Gone>(
  client: pg.PoolClient,
  asked: readonly { one: T; schema: string }[],
  marks: Marks = marksOf([]),
): Promise<T[]> {
  const values = new Values();
  const list = (of: (one: T) => string) => values.add(asked.map(({ one }) => of(one)));
  const { rows } = await client.query<{ n: number }>(
    `SELECT gone.n::int AS n
       FROM unnest(${list(({ at }) => at)}::timestamptz[], ${list(({ kind }) => kind)}::text[], ${list(({ table }) => table)}::text[],
                   ${list(({ record }) => record)}::text[], ${values.add(asked.map(({ schema }) => schema))}::text[])
              WITH ORDINALITY AS gone (at, kind, name, record, schema, n)
      WHERE EXISTS (
        SELECT FROM caretaker.audit_logs AS later
         WHERE later.resource_id = gone.record AND later.resource_type = gone.name AND later.resource_schema = gone.schema
           AND later.created_at >= gone.at
           AND (later.action = 'create' OR gone.kind = 'soft' AND later.action = 'update' AND ${unmarksSql(values, marks, "later")}))`,
    values.list,
  );
  return rows.flatMap(({ n }) => asked[n - 1]?.one ?? []);
}
