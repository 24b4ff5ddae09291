import type { IsTerm } from "./terms.ts";

// Where in an entry each field of the language stands, for the log, for archived months and for completion.

type Columns = Partial<Record<IsTerm["field"], string>>;

/** Columns that are compared as bytes, so that a prefix is a range of an index. */
export const keyColumns: Columns = {
  action: "action",
  table: "resource_type",
  schema: "resource_schema",
  record: "resource_id",
  actor: "user_id",
  tenant: "tenant_id",
  request: "request_id",
};

const metadataKeys: Columns = {
  reason: "reason",
  role: "role",
  app: "application",
  impersonator: "impersonator",
  apikey: "api_key",
};

/** What is text besides. `inMetadata` is SQL for the text of a key of the metadata: PostgreSQL's and DuckDB's differ. */
export function textColumns(inMetadata: (key: string) => string): Columns {
  const kept = Object.entries(metadataKeys).map(([field, key]) => [field, inMetadata(key)]);
  return { agent: "user_agent", ...Object.fromEntries(kept) };
}

/** `inMetadata` for the log. */
export function loggedText(key: string): string {
  return `metadata ->> '${key}'`;
}

/** `inMetadata` for archived months, in DuckDB. */
export function archivedText(key: string): string {
  return `json_extract_string(metadata, '/${key}')`;
}
