import type pg from "pg";
import { monthsParent } from "../../managed/sql/020-audit-logs.ts";
import type { Archive } from "../archive/registry.ts";

/** A stretch of time of one database's log, copied in one piece. Both ends null is all time. */
export interface Slice {
  /** Included; ISO 8601. */
  from: string | null;
  /** Excluded. */
  to: string | null;
  /** The partitions that it lies in: while one is missing, the log does not hold what the export promised. */
  partitions: string[];
  /** The archived month that it is, by the file that stood for it when the set was fixed. */
  cold: { month: string; sha256: string } | null;
}

interface Month {
  partition: string;
  from: Date;
  entries: number;
  cold?: Slice["cold"];
}

const sliceEntries = 400_000;
const slicesMax = 60;

/** Cuts the log into slices of about equal size: small months together, big ones in equal stretches of time, archived ones alone. */
export async function slicesOf(
  client: pg.ClientBase,
  archives: readonly Pick<Archive, "month" | "sha256">[],
): Promise<{ slices: Slice[]; entries: number }> {
  const cold = archives.map(({ month, sha256 }): Month => {
    return { partition: "", entries: 0, from: new Date(`${month}-01T00:00:00Z`), cold: { month, sha256 } };
  });
  const months = [...(await readMonths(client)), ...cold].sort(
    (one, other) => one.from.getTime() - other.from.getTime(),
  );
  const entries = months.reduce((sum, month) => sum + month.entries, 0);
  const target = Math.max(sliceEntries, entries / slicesMax);
  return { slices: cut(months, target, new Date()), entries };
}

/** Entries as the planner last counted them; where it never did, by the size on disk. */
async function readMonths(client: pg.ClientBase): Promise<Month[]> {
  const { rows } = await client.query<{ partition: string; entries: number }>(
    `SELECT part.relname AS partition,
            CASE WHEN part.reltuples >= 0 THEN part.reltuples ELSE pg_relation_size(part.oid) / 400 END::float8 AS entries
       FROM pg_inherits
       JOIN pg_class AS part ON part.oid = inhrelid
      WHERE inhparent = ${monthsParent} AND part.relname ~ '^audit_logs_\\d{4}_\\d{2}$'
      ORDER BY part.relname`,
  );
  return rows.map(({ partition, entries }) => {
    const [year, month] = partition.slice("audit_logs_".length).split("_").map(Number);
    return { partition, entries, from: new Date(Date.UTC(year ?? 1970, (month ?? 1) - 1)) };
  });
}

/** The slices cover all time without a gap: the first begins at no beginning, the last has no end. */
function cut(months: readonly Month[], target: number, now: Date): Slice[] {
  const slices: { from: Date; partitions: string[]; entries: number; cold: Slice["cold"] }[] = [];
  for (const [at, month] of months.entries()) {
    const last = slices.at(-1);
    if (month.cold) {
      slices.push({ from: month.from, partitions: [], entries: month.entries, cold: month.cold });
      continue;
    }
    if (last && !last.cold && last.entries + month.entries <= target) {
      last.partitions.push(month.partition);
      last.entries += month.entries;
      continue;
    }
    const next = months[at + 1]?.from ?? now;
    const end = now > month.from && now < next ? now : next;
    const pieces = Math.max(1, Math.ceil(month.entries / target));
    const width = Math.max(0, end.getTime() - month.from.getTime()) / pieces;
    for (let piece = 0; piece < pieces; piece++) {
      const from = new Date(month.from.getTime() + Math.floor(width * piece));
      slices.push({ from, partitions: [month.partition], entries: month.entries / pieces, cold: null });
    }
  }
  if (slices.length === 0) return [{ from: null, to: null, partitions: [], cold: null }];
  return slices.map(({ from, partitions, cold }, at) => ({
    from: at === 0 ? null : from.toISOString(),
    to: slices[at + 1]?.from.toISOString() ?? null,
    partitions,
    cold,
  }));
}
