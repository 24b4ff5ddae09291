import type pg from "pg";
import { logHoldsFor } from "../../audit/retention/holds.ts";
import { controlPool } from "../../control.ts";
import { withDatabase } from "../../fleet.ts";
import { backupEnd, isNewestBackup } from "../../schema/evidence.ts";
import { isoText } from "../rows.ts";
import { readFiles } from "./files.ts";
import { ownRow } from "./own-row.ts";
import { type Counted, isSame, type LivingTenant, nameOf } from "./tables.ts";

/** What else has to do with a tenant's rows: its plan and its certificate say the same of it. */
export interface Surroundings extends Record<string, unknown> {
  /** How many backups of its database are good. */
  backups: number;
  auditLog: string;
  /** How many exports and archives of it can be downloaded. */
  files: number;
  /** Other tables of its own database, which are dropped with it and are in no archive. */
  goesToo: string[];
  /** Whether its own database has a copy of the row that lists it, and that is another one by now. */
  copyDiffers: boolean;
}

export async function readSurroundings(tenant: LivingTenant, { tallies, listed }: Counted): Promise<Surroundings> {
  const backups = await goodBackups(controlPool(), tenant);
  const goesToo = tenant.tier === "database" ? await otherTables(tenant.databaseId, tallies) : [];
  return {
    backups: backups.length,
    auditLog: ofLog(tenant),
    files: (await readFiles(controlPool(), tenant.id)).length,
    goesToo,
    copyDiffers: !isSame(tallies[nameOf(ownRow(tenant))], listed),
  };
}

interface StayingBackup {
  id: string;
  at: string;
  /** When its time is over; null where no end is set. */
  expiresAt: string | null;
  /** What keeps it beyond that: a legal hold, or that no newer good one is there. */
  stays: "held" | "newest" | null;
}

/** What can be restored of the database where it lived, and until when. */
export async function goodBackups(
  client: Pick<pg.ClientBase, "query">,
  { databaseId }: LivingTenant,
): Promise<StayingBackup[]> {
  const { rows } = await client.query<StayingBackup>(
    `SELECT b.id, b.finished_at::text AS at, ${isoText(backupEnd)} AS "expiresAt",
            CASE WHEN ${isNewestBackup} THEN 'newest' END AS stays
       FROM backups AS b WHERE b.database_id = $1 AND b.state = 'good' ORDER BY b.finished_at`,
    [databaseId],
  );
  const isHeld = (await logHoldsFor(databaseId)).length > 0;
  return isHeld ? rows.map((row) => ({ ...row, stays: "held" as const })) : rows;
}

function ofLog({ tier, databaseName, homeDatabaseName }: LivingTenant): string {
  const retention = "until their retention ends";
  switch (tier) {
    case "shared":
      return `Entries about the tenant stay ${retention}; the removal adds its own, by row, for every audited table.`;
    case "schema":
      return `Entries about the tenant stay ${retention}; of the rows that go with the schema they do not tell, the certificate does.`;
    case "database":
      return `The log in ${databaseName} goes with that database, except for months that were archived before; entries about the tenant in ${homeDatabaseName} stay ${retention}.`;
  }
}

async function otherTables(databaseId: string, counted: Counted["tallies"]): Promise<string[]> {
  const { rows } = await withDatabase(databaseId, (client) =>
    client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name
         FROM pg_class c
         JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname NOT IN ('caretaker', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
        ORDER BY 1, 2`,
    ),
  );
  return rows.map(nameOf).filter((name) => counted[name] === undefined);
}
