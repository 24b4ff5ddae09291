import { checkColumns } from "./check/columns.ts";
import { checkHeld } from "./check/held.ts";
import { checkParents } from "./check/parents.ts";
import { checkPlaces } from "./check/places.ts";
import { checkRules } from "./check/rules.ts";
import { checkSince } from "./check/since.ts";
import { checkUniques } from "./check/uniques.ts";
import { skipWhatHangs } from "./choose/hang.ts";
import { proposeValues } from "./choose/propose.ts";
import { settle } from "./choose/settle.ts";
import { problems, rows } from "./scratch.ts";
import type { Work } from "./work.ts";

const roundsMax = 200;

/**
 * Looks at every row that was taken up, and at what choices bring in or change, until nothing is left to look at. Each choice is
 * applied once: where it leads into the next problem, that one is open. `settledAlready` settles what was chosen at another time.
 */
export async function evaluate(
  work: Work,
  settledAlready: (work: Work) => Promise<void> = async () => {},
): Promise<void> {
  for (work.round = 0; (await leftToCheck(work)) > 0 || work.round === 0; work.round++) {
    if (work.round === roundsMax) throw new Error(`The plan did not come to rest within ${roundsMax} rounds.`);
    await checkColumns(work);
    await settledAlready(work);
    if (work.undoing) await checkSince(work);
    await checkHeld(work);
    await checkPlaces(work);
    await settle(work);
    for (const table of work.tables) if (table.shape) await checkUniques(work, table, table.shape);
    for (const table of [...work.tables]) if (table.shape) await checkParents(work, table, table.shape);
    for (const table of work.tables) if (table.shape) await checkRules(work, table, table.shape);
    await proposeValues(work);
    await settle(work);
  }
  await skipWhatHangs(work);
}

/** What was found in a row that is looked at again, and not chosen away, is found anew or is no problem any more. */
async function leftToCheck({ client, round }: Work): Promise<number> {
  await client.query(`ANALYZE ${rows}`);
  await client.query(
    `DELETE FROM ${problems} AS p USING ${rows} AS r
      WHERE r.n = p.n AND r.round = $1 AND NOT p.settled AND NOT p.applied
        AND p.code IN ('unique_clash', 'parent_missing', 'parent_deleted', 'check_failed')`,
    [round],
  );
  const { rows: found } = await client.query<{ left: string }>(
    `SELECT count(*) AS left FROM ${rows} WHERE round = $1 AND state = 'open'`,
    [round],
  );
  return Number(found[0]?.left);
}
