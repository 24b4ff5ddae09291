import type pg from "pg";
import { isApplicationSchema, isNotExtension } from "./own-schemas.ts";

export interface CatalogView {
  schema: string;
  name: string;
  materialized: boolean;
  /** Reads with the rights of whoever asks, so that row-level security holds (PostgreSQL 15). */
  securityInvoker: boolean;
}

export async function readViews(client: pg.ClientBase): Promise<CatalogView[]> {
  const { rows } = await client.query<CatalogView>(`
    SELECT n.nspname AS schema,
           c.relname AS name,
           c.relkind = 'm' AS materialized,
           coalesce('security_invoker=true' = ANY (c.reloptions) OR 'security_invoker=on' = ANY (c.reloptions), false)
             AS "securityInvoker"
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('v', 'm')
       AND ${isApplicationSchema}
       AND ${isNotExtension}
     ORDER BY 1, 2`);
  return rows;
}
