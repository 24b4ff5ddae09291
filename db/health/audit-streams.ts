import { lagSeconds } from "../audit/stream/contract.ts";
import { type Lag, lagsOf } from "../audit/stream/lag.ts";
import { above, type HealthCheck, worst } from "./check.ts";
import type { Verdict } from "./contract.ts";

const sql = `SELECT name, paused_at, behind_since, checked_at, failures, error
  FROM audit_streams AS stream
  JOIN audit_stream_cursors ON stream_id = stream.id
 WHERE database_id = $1 AND removed_at IS NULL`;

// Ours: a stream sends within seconds, so that whoever watches its receiver misses what happens now. One is paused on purpose, and
// then forgotten.
export const auditStreams: HealthCheck = {
  id: "audit-streams",
  title: "Streams of the audit log",
  unit: "seconds",
  threshold: `warning when one is behind or failing for ${lagSeconds.warning / 60} min, critical from ${lagSeconds.critical / 60} min; a paused one is a warning from then on`,
  sql,
  async run(_client, { databaseId }) {
    const lags = await lagsOf(databaseId);
    if (lags.length === 0) return { verdict: "neutral", value: null, finding: "No stream sends this log's entries." };
    const verdict = worst(lags.map(verdictOf));
    const [first = lags[0]] = lags.filter((lag) => verdictOf(lag) === verdict);
    const value = first?.seconds ?? 0;
    const evidence = {
      columns: [
        { name: "stream", unit: "text" as const },
        { name: "state", unit: "text" as const },
        { name: "for", unit: "seconds" as const },
        { name: "what is in the way", unit: "text" as const },
      ],
      rows: lags.map(({ name, state, seconds, error }) => [name, state, Math.round(seconds), error]),
    };
    const paused = lags.filter(({ state }) => state === "paused").map(({ name }) => `${name} is paused.`);
    if (!first || verdict === "good") {
      return { verdict, value, finding: ["What was written is sent on.", ...paused].join(" "), evidence };
    }
    return { verdict, value, ...wordsOf(first), evidence };
  },
};

function verdictOf({ state, seconds }: Lag): Verdict {
  if (state === "paused") return above(seconds, lagSeconds.critical, Number.POSITIVE_INFINITY);
  return above(seconds, lagSeconds.warning, lagSeconds.critical);
}

function wordsOf({ name, state, seconds, error }: Lag): { finding: string; fix: string } {
  const minutes = `${Math.floor(seconds / 60)} minutes`;
  switch (state) {
    case "paused":
      return {
        finding: `${name} has been paused for ${minutes}; its receiver gets nothing of this log.`,
        fix: "Resume it, or remove it.",
      };
    case "failing":
      return {
        finding: `${name} has been failing for ${minutes}.`,
        fix: error ?? "Look at it under Audit, Streams.",
      };
    case "unwatched":
      return {
        finding: `Nobody has looked for ${minutes} what ${name} is to send.`,
        fix: "Start the worker; if it runs, its log says why it does not send.",
      };
    case "flowing":
      return {
        finding: `${name} is ${minutes} behind.`,
        fix: "Look for a transaction that has been open as long; otherwise its receiver takes less than is written.",
      };
  }
}
