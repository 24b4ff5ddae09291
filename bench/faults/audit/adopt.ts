import type pg from "pg";
import { controlPool } from "#db/control.ts";
import { createPool } from "#db/pool.ts";
import { adoptedDatabase } from "#db/testing/adopted.ts";
import type { Tap } from "../tap.ts";
import { patiently } from "./watch.ts";

/** An adopted database that the console reaches through the tap, and the watcher without it. */
export interface Subject {
  id: string;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

export async function tappedDatabase(tap: Tap, ddl: string): Promise<Subject> {
  const app = await adoptedDatabase(ddl);
  await app.client.end();
  await controlPool().query("UPDATE servers SET port = $1 WHERE id = (SELECT server_id FROM databases WHERE id = $2)", [
    tap.port,
    app.id,
  ]);
  const pool = createPool({ connectionString: app.url, application_name: "caretaker faults", max: 1 });
  return {
    id: app.id,
    query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await patiently(() => pool.query<Row>(sql, values))).rows,
    end: () => pool.end(),
  };
}

/** The control database as the victims reach it. */
export function tapped({ port }: Tap): string {
  const url = new URL(process.env.DATABASE_URL ?? "");
  url.port = String(port);
  return url.href;
}
