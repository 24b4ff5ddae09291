import { type Actor, authorise } from "../actor.ts";
import type { TenantFilter, TenantRow } from "./contract.ts";
import { listTenants } from "./list.ts";

const columns: [string, (row: TenantRow) => string | number | boolean | null][] = [
  ["id", (row) => row.id],
  ["key", (row) => row.key],
  ["name", (row) => row.name],
  ["slug", (row) => row.slug],
  ["status", (row) => row.status],
  ["tier", (row) => row.tier],
  ["database", (row) => row.databaseName],
  ["schema", (row) => row.schema],
  ["server", (row) => row.serverName],
  ["size_bytes", (row) => row.sizeBytes],
  ["size_error", (row) => row.sizeError],
  ["sized_at", (row) => row.sizedAt],
  ["growth_bytes_per_day", (row) => row.growthBytes],
  ["writes_per_day", (row) => row.writes],
  ["write_share", (row) => row.writeShare],
  ["last_active_at", (row) => row.lastActiveAt],
  ["advised_tier", (row) => row.advisedTier],
  ["advice", (row) => row.adviceReason],
  ["dedicated", (row) => row.dedicated],
  ["known_since", (row) => row.createdAt],
];

/** Every tenant of a filter, page by page, however many there are. */
export async function* tenantCsv(actor: Actor, filter: TenantFilter): AsyncGenerator<string> {
  authorise(actor, "tenants.read");
  yield line(columns.map(([name]) => name));
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listTenants>> = await listTenants(actor, { ...filter, limit: 200 }, cursor);
    yield page.rows.map((row) => line(columns.map(([, value]) => value(row)))).join("");
    cursor = page.next;
  } while (cursor !== null);
}

function line(values: (string | number | boolean | null)[]): string {
  return `${values.map(cell).join(",")}\r\n`;
}

/** A spreadsheet takes a text that begins like this for a formula. */
function cell(value: string | number | boolean | null): string {
  if (value === null) return "";
  const text =
    typeof value === "string" && /^[=+@\t\r-]/.test(value) && !/^-?\d+$/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
