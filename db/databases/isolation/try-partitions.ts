import type { Attempt } from "./contract.ts";
import { read, write } from "./judge.ts";
import { nameOf, quoted, text } from "./subjects.ts";
import type { Relation } from "./survey.ts";
import { harmOf, onlyOne, type Trial } from "./try-table.ts";

/** The policies of a partitioned table do not hold for who names a partition directly: each needs its own, or no privilege. */
export async function tryPartition(trial: Trial, partition: Relation): Promise<Attempt[]> {
  const { session, subject, pair, mine, nobodies } = trial;
  const name = nameOf(partition);
  const found: Attempt[] = [];
  const readable =
    subject.path.length === 0 && partition.columns.some((one) => one.name === subject.tenantColumn && one.select);
  if (partition.may.select && readable) {
    const sql = `SELECT 1 FROM ${name} WHERE ${quoted(subject.tenantColumn)}::text <> ${text(pair.mine.key)} LIMIT 1`;
    found.push(await read(session, mine, sql, () => "saw a row of another tenant in the partition"));
  }
  const [ghost] = nobodies.slice(1);
  if (!ghost || pair.unowned) return found;
  if (partition.may.select) {
    found.push(await read(session, ghost, `SELECT 1 FROM ${name} LIMIT 1`, () => "saw a row in the partition"));
  }
  if (partition.may.delete && harmOf(partition, session) === null) {
    const sql = `DELETE FROM ${name} WHERE ${onlyOne}`;
    found.push(await write(session, "delete", ghost, sql, () => "removed a row of the partition"));
  }
  return found;
}
