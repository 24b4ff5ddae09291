import { controlPool } from "../../control.ts";
import type { MoveState } from "../contract.ts";
import { prefixOf, tenantOf } from "./names.ts";
import type { Survey } from "./survey.ts";

/** A move as its leftovers are judged by it. */
export interface KnownMove {
  id: string;
  number: number;
  tenantId: string;
  state: MoveState;
  toTier: string;
  endedAt: string | null;
}

/** A place of a tenant in the console's books. */
export interface KnownPlace {
  id: string;
  tier: string;
  databaseId: string;
  databaseName: string;
  schema: string;
  state: "importing" | "open" | "fenced" | "moved" | "dropped";
  /** Whether a move that is not over, or the making of its tenant, has it. */
  used: boolean;
}

export interface KnownTenant {
  id: string;
  key: string;
  name: string;
  homeDatabaseId: string;
  /** Whether it is being moved or made. */
  busy: boolean;
  places: KnownPlace[];
}

/** What the console's books say about everything that surveys have found. */
export interface Known {
  /** By the first 12 digits of their ids. */
  moves: Map<string, KnownMove>;
  tenants: Map<string, KnownTenant>;
}

const open = "('completed', 'aborted')";
const made = `EXISTS (SELECT FROM jobs j WHERE j.kind = 'tenants.create' AND j.id = t.id AND j.state IN ('queued', 'running'))`;

/** Reads the books for what was surveyed; `home` is the database that lists a database's tenants. */
export async function readKnown(surveys: readonly { survey: Survey; home: string }[]): Promise<Known> {
  const prefixes = new Set<string>();
  const ids = new Set<string>();
  const keys: { home: string; key: string }[] = [];
  for (const { survey, home } of surveys) {
    for (const { move } of [...survey.triggers, ...survey.policies, ...survey.notes]) prefixes.add(move);
    for (const { moveId, tenantKey } of survey.gates) {
      prefixes.add(prefixOf(moveId));
      keys.push({ home, key: tenantKey });
    }
    for (const id of survey.progress) prefixes.add(prefixOf(id));
    for (const { tenantId } of [...survey.schemas, ...survey.databases]) ids.add(tenantId);
    for (const { schema } of survey.captures) ids.add(tenantOf(schema) ?? "");
  }
  const moves = await readMoves([...prefixes]);
  return { moves, tenants: await readTenants([...ids].filter(Boolean), keys) };
}

async function readMoves(prefixes: readonly string[]): Promise<Known["moves"]> {
  const { rows } = await controlPool().query<KnownMove>(
    `SELECT m.id, m.number, m.tenant_id AS "tenantId", m.state, p.tier AS "toTier", m.ended_at::date::text AS "endedAt"
       FROM moves m JOIN placements p ON p.id = m.to_placement_id
      WHERE substr(replace(m.id::text, '-', ''), 1, 12) = ANY ($1)`,
    [prefixes],
  );
  return new Map(rows.map((row) => [prefixOf(row.id), row]));
}

async function readTenants(
  ids: readonly string[],
  keys: readonly { home: string; key: string }[],
): Promise<Known["tenants"]> {
  const { rows } = await controlPool().query<KnownTenant>(
    `SELECT t.id, t.key, t.name, t.home_database_id AS "homeDatabaseId",
            ${made} OR EXISTS (SELECT FROM moves m WHERE m.tenant_id = t.id AND m.state NOT IN ${open}) AS busy,
            coalesce((SELECT json_agg(json_build_object(
                        'id', p.id, 'tier', p.tier, 'databaseId', d.id, 'databaseName', d.name, 'schema', p.schema, 'state', p.state,
                        'used', ${made} OR EXISTS (SELECT FROM moves m WHERE p.id IN (m.from_placement_id, m.to_placement_id)
                                                                  AND m.state NOT IN ${open})) ORDER BY p.opened_at, p.id)
                        FROM placements p JOIN databases d ON d.id = p.database_id WHERE p.tenant_id = t.id), '[]') AS places
       FROM tenants t
      WHERE t.id = ANY ($1::uuid[])
         OR EXISTS (SELECT FROM unnest($2::uuid[], $3::text[]) AS k (home, key)
                     WHERE k.home = t.home_database_id AND k.key = t.key)`,
    [ids, keys.map(({ home }) => home), keys.map(({ key }) => key)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export function tenantByKey({ tenants }: Known, home: string, key: string): KnownTenant | null {
  for (const tenant of tenants.values()) if (tenant.homeDatabaseId === home && tenant.key === key) return tenant;
  return null;
}

/** Where its writers are. */
export function livesAt({ places }: KnownTenant): KnownPlace | null {
  return places.find(({ state }) => state === "open") ?? null;
}

/** A place that somebody writes to or is about to. */
export function isNeeded({ state, used }: KnownPlace): boolean {
  return state === "open" || state === "fenced" || used;
}
