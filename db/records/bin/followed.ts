import { askAll, type Silent } from "../../fleet.ts";
import type { ManagedTable } from "../../managed-tables.ts";
import { limits } from "../../transaction.ts";
import { backElsewhere } from "./back-elsewhere.ts";
import { type Extent, stillDeleted } from "./extent.ts";
import { marksOf } from "./marks.ts";
import { livesIn, type Mover, moversOf } from "./movers.ts";

/** What became of a deletion whose tenants live elsewhere by now. */
export interface Followed {
  /** Where they live, a sentence each. */
  lives: string[];
  /** How many of its rows came back there. */
  back: number;
}

interface Head {
  transaction: string;
  at: string;
  extent: Extent;
}

/** Follows deletions of one database to where their tenants live now; of others there is nothing. */
export async function followMoved(
  databaseId: string,
  managed: readonly ManagedTable[],
  heads: readonly Head[],
): Promise<{ followed: Map<string, Followed>; silent: Silent[] }> {
  const moverOf = await moversOf(
    databaseId,
    managed,
    heads.flatMap(({ extent }) => extent.tables.map(({ tenant }) => tenant)),
  );
  const moved = heads.flatMap((head) => {
    const movers = new Map<string, Mover>();
    for (const taken of head.extent.tables) {
      const mover = moverOf(taken);
      if (mover) movers.set(mover.lives.tenant, mover);
    }
    return movers.size === 0 ? [] : [{ ...head, movers }];
  });
  if (moved.length === 0) return { followed: new Map(), silent: [] };
  const looked = moved.filter(({ extent }) => (extent.open ?? 0) > 0);
  const ask = askAll([databaseId], (client) => stillDeleted(client, looked, marksOf(managed)), limits.page.statement);
  const { answers, silent } = await ask;
  const gone = answers
    .flatMap(({ value }) => value)
    .flatMap((row) => {
      const of = looked.find(({ transaction }) => transaction === row.transaction);
      const mover = moverOf({ ...row, tenant: row.tenant ?? soleTenant(of?.extent.tables ?? []) });
      return mover ? [{ ...row, mover }] : [];
    });
  const found = await backElsewhere(gone);
  const counts = Map.groupBy(found.back, ({ transaction }) => transaction);
  const followed = moved.map(({ transaction, movers }): [string, Followed] => [
    transaction,
    { lives: [...movers.values()].map(livesSentence), back: counts.get(transaction)?.length ?? 0 },
  ]);
  return { followed: new Map(followed), silent: [...silent, ...found.silent] };
}

function livesSentence(mover: Mover): string {
  return `Tenant ${mover.lives.tenant} lives in ${livesIn(mover)} now, and its rows come back there.`;
}

/** Rows that a cascade took may be in the log without their tenant: they are that of the others, where these have one. */
function soleTenant(rows: readonly { tenant: string | null }[]): string | null {
  const [one, ...more] = new Set(rows.flatMap(({ tenant }) => tenant ?? []));
  return more.length === 0 ? (one ?? null) : null;
}
