import { undeliveredSeconds } from "../audit/proof/places/contract.ts";
import { undelivered } from "../audit/proof/places/list.ts";
import { above, type HealthCheck } from "./check.ts";

const sql = `SELECT name, min(signed_at) AS since
  FROM checkpoint_places AS place
  JOIN seal_checkpoints ON seal_checkpoints.database_id = $1
  LEFT JOIN checkpoint_deliveries AS delivery ON place_id = place.id AND delivery.database_id = $1
 WHERE removed_at IS NULL AND seal_checkpoints.size > coalesce(delivery.size, 0) GROUP BY name`;

// Ours: a checkpoint that lies with the console alone can be rewritten by whoever holds the console. One is delivered within two minutes.
export const auditCheckpoints: HealthCheck = {
  id: "audit-checkpoints",
  title: "Checkpoints of the audit log kept elsewhere",
  unit: "seconds",
  threshold: `warning when one waits for ${undeliveredSeconds.warning / 60} min, critical from ${undeliveredSeconds.critical / 60} min`,
  sql,
  async run(_client, { databaseId }) {
    const { places, waiting } = await undelivered(databaseId);
    if (places === 0)
      return { verdict: "neutral", value: null, finding: "No place is set up besides the console's own store." };
    const [first] = waiting;
    const value = Math.max(0, first?.seconds ?? 0);
    const verdict = above(value, undeliveredSeconds.warning, undeliveredSeconds.critical);
    if (!first || verdict === "good") return { verdict, value, finding: "What was signed is kept elsewhere as well." };
    return {
      verdict,
      value,
      finding: `${first.name} has had no checkpoint of this log for ${Math.floor(value / 60)} minutes.`,
      fix: first.error ?? "Start the worker; if it runs, its log says why it does not deliver.",
      evidence: {
        columns: [
          { name: "place", unit: "text" },
          { name: "waits for", unit: "seconds" },
          { name: "what is in the way", unit: "text" },
        ],
        rows: waiting.map(({ name, seconds, error }) => [name, Math.round(seconds), error]),
      },
    };
  },
};
