import { z } from "zod";
import type { Silent } from "../../audit/contract.ts";
import type { Tier } from "../contract.ts";

const mebibytes = z.coerce.number().min(1).max(1_000_000_000);

export const adviceRulesInput = z.object({
  databaseId: z.uuid("must be an id"),
  sharedMegabytes: mebibytes,
  schemaMegabytes: mebibytes,
  writeSharePercent: z.coerce.number().min(1).max(100),
  days: z.coerce.number().int().min(0).max(365),
});
export type SetAdviceRules = z.infer<typeof adviceRulesInput>;

export interface AdviceRules {
  /** Above this, a tenant is better off in a schema of its own. */
  sharedBytesMax: number;
  /** Above this, in a database of its own. */
  schemaBytesMax: number;
  /** A tenant that writes more than this share of its database's writes is better off apart. */
  writeShareMax: number;
  /** How long something must have been so before it is advised. */
  days: number;
}

export const defaultRules: AdviceRules = {
  sharedBytesMax: 100 * 1024 ** 2,
  schemaBytesMax: 10 * 1024 ** 3,
  writeShareMax: 0.4,
  days: 7,
};

/** What a server can hold, from its own settings, and what it holds. */
export interface ServerLimits {
  /** Tables that one transaction can lock, such as a dump of the database: about twice the slots that the settings name. */
  lockableTables: number;
  tables: number;
  /** Bytes that one connection keeps for a tenant's table once it has used it. */
  bytesPerTable: number;
  connections: number;
  catalogBytes: number;
  /** Bytes that one more table takes there, with its indexes. */
  catalogBytesPerTable: number;
  /** Its shared_buffers: whoever plans a statement reads the catalogs from there. */
  bufferBytes: number;
  /** Its effective_cache_size: what the server has for caches in all, as its administrator said. */
  cacheBytes: number;
}

export interface AdviceFacts {
  tier: Tier;
  sizeBytes: number | null;
  /** Of the writes of the database that lists it; where it lives in another, of what that one's would be with it. */
  writeShare: number | null;
  /** Recorded writes in the last day: a share of next to nothing says nothing. */
  writes: number | null;
  dedicated: boolean;
}

export interface Advice {
  tier: Tier;
  reason: string;
  /** Contract flags do not wait. */
  atOnce: boolean;
}

/** One tenant whose place should change. */
export interface AdviceRow {
  tenantId: string;
  name: string;
  databaseId: string;
  databaseName: string;
  from: Tier;
  to: Tier;
  reason: string;
  since: string;
  /** Whether it has been so for as long as the rules ask. */
  due: boolean;
  sizeBytes: string | null;
  writeShare: number | null;
  /** Seconds that a copy takes, about. */
  copySeconds: number;
  /** Milliseconds for which its writers wait, about. */
  pauseMs: number;
}

/** Who should live elsewhere: how many, how many of them are due, and the first of them. */
export interface AdviceList {
  total: number;
  due: number;
  rows: AdviceRow[];
}

/** What the database that lists a tenant can hold, and how many tables one more schema of a tenant would have there. */
export interface Room {
  limits: ServerLimits;
  tablesEach: number;
}

export interface Simulation {
  tenants: number;
  /** Databases whose servers did not say what they can hold. */
  silent: Silent[];
  databases: {
    databaseId: string;
    name: string;
    /** Of the shared tables' bytes, before. */
    sharedBytes: string;
    leavingBytes: string;
    /** Of tenants that would share again. */
    arrivingBytes: string;
    /** 0.38: the shared tables shrink by 38 %. */
    shrinks: number;
    tablesBefore: number;
    tablesAfter: number;
    lockableTables: number;
    catalogBytesAfter: number;
    bufferBytes: number;
    memoryPerConnection: number;
    connections: number;
    cacheBytes: number;
    /** What so many tables would be too much for; null where there is room. */
    lack: string | null;
  }[];
}
