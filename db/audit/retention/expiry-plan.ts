import { createHash } from "node:crypto";
import { type Actor, authorise } from "../../actor.ts";
import { type Control, control } from "../../control.ts";
import { Refusal } from "../../errors.ts";
import { type Archive, archiveOf } from "../archive/registry.ts";
import { quoted, withDuck } from "../cold/duck.ts";
import { coldFile } from "../cold/file.ts";
import { Values } from "../conditions.ts";
import type { ExpiryPlan, MonthReference } from "./contract.ts";
import { heldSql, pastSql } from "./expiry-sql.ts";
import { logHoldsFor, type StandingRules } from "./holds.ts";
import { followingRules, rulesOf } from "./rules.ts";

/** Entries of an archived month that go: past their time and kept by no hold. Bound to the values it was made with. */
interface Expiring {
  archive: Archive;
  /** The condition, as DuckDB's SQL. */
  sql: string;
  past: string;
  held: string;
  values: Values;
  holds: StandingRules[];
}

export async function expiring({ databaseId, month }: MonthReference): Promise<Expiring> {
  const archive = await archiveOf(databaseId, month);
  if (archive?.state !== "cold") {
    throw new Refusal("conflict", `${month} is not archived, and entries are removed from archived months only.`, {
      fix: "Archive the month first.",
    });
  }
  const rules = await rulesOf(databaseId);
  const following = await followingRules(databaseId);
  const holds = await logHoldsFor(databaseId);
  const values = new Values();
  const past = pastSql(values, month, rules, following, new Date());
  const held = heldSql(values, holds);
  return { archive, sql: `(${past} AND NOT ${held})`, past, held, values, holds };
}

/** The rules and holds by which entries of a database go or stay, to be compared with those of another time. */
export async function keptBy(databaseId: string, tx: Control = control()): Promise<string> {
  const rules = [...(await rulesOf(databaseId, tx)), ...(await followingRules(databaseId, tx))];
  const holds = await logHoldsFor(databaseId, tx);
  const parts = [rules.map(({ id }) => id), holds.map((hold) => [hold.id, hold.rules])];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** What removing a month's expired entries would remove, and what holds keep. */
export async function planExpiry(
  actor: Actor,
  reference: MonthReference,
  signal: AbortSignal = AbortSignal.timeout(30_000),
): Promise<ExpiryPlan> {
  authorise(actor, "audit.read");
  const { archive, past, held, values, holds } = await expiring(reference);
  const file = await coldFile(archive, signal);
  const byTable = await withDuck({ memory: "512MB", threads: 2, signal }, async (duck) => {
    const reader = await duck.runAndReadAll(
      `SELECT coalesce(concat_ws('.', resource_schema, resource_type), '') AS table_name,
              count(*) FILTER (NOT ${held})::VARCHAR, count(*) FILTER (${held})::VARCHAR
         FROM read_parquet(${quoted(file)}) WHERE ${past} GROUP BY table_name ORDER BY table_name`,
      values.list.map(String),
    );
    return reader.getRows().map(([table, expired, kept]) => ({
      table: String(table),
      expired: String(expired),
      held: String(kept),
    }));
  });
  const sum = (of: "expired" | "held") => byTable.reduce((total, row) => total + BigInt(row[of]), 0n).toString();
  const parts = [reference, archive.sha256, byTable, holds.map(({ id }) => id)];
  return {
    databaseName: archive.databaseName,
    month: reference.month,
    rows: archive.rows.toString(),
    expired: sum("expired"),
    held: sum("held"),
    byTable,
    holds: holds.map(({ name }) => name),
    hash: createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32),
  };
}
