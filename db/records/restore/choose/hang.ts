import { edges, problems, rows } from "../scratch.ts";
import type { Work } from "../work.ts";

/** What hangs from a row that is left deleted is left deleted with it; what a row hangs from that is left there stays too. */
export async function skipWhatHangs({ client, undoing }: Work): Promise<void> {
  const [from, to] = undoing ? ["child", "parent"] : ["parent", "child"];
  await client.query(
    `WITH RECURSIVE hanging (n) AS (
       SELECT n FROM ${rows} WHERE state = 'skipped'
        UNION
       SELECT e.${to} FROM hanging AS h JOIN ${edges} AS e ON e.${from} = h.n AND e.firm)
     UPDATE ${rows} AS r SET state = 'skipped' FROM hanging AS h WHERE h.n = r.n AND r.state = 'open'`,
  );
  await client.query(
    `UPDATE ${problems} AS p SET settled = true FROM ${rows} AS r WHERE r.n = p.n AND r.state = 'skipped' AND NOT p.settled`,
  );
}
