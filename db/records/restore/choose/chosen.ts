import type { Offer } from "../choices.ts";
import { problems, rows } from "../scratch.ts";

/** SQL: the problems for which this was chosen just now. */
export function chosen(what: Offer): string {
  return `SELECT p.* FROM ${problems} AS p JOIN ${rows} AS r ON r.n = p.n
           WHERE p.choice ->> 'do' = '${what}' AND NOT p.applied AND r.state = 'open'`;
}
