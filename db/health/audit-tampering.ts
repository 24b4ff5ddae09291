import { proofStanding } from "../audit/proof/standing.ts";
import { comparedLongAgo, daysSince, firstFinding, verifiedDaysMax } from "../audit/proof/verdict.ts";
import { type HealthCheck, unknown } from "./check.ts";

const sql = `SELECT verdict, finding_count, findings, finished_at FROM seal_verifications
 WHERE database_id = $1 ORDER BY finished_at DESC LIMIT 1`;

// Ours: each log is compared with its tree every night, so that days without mean that nobody would hear of tampering.
export const auditTampering: HealthCheck = {
  id: "audit-tampering",
  title: "Tampering with the audit log",
  unit: "count",
  threshold: `critical when a sealed entry changed, vanished or was inserted late; warning when not compared for ${verifiedDaysMax} days`,
  sql,
  async run(_client, { databaseId }) {
    const { verification, sealedAt } = await proofStanding(databaseId, "");
    if (!verification) {
      return unknown(
        sealedAt ? "It was not compared with its tree yet; that is done every night." : "Nothing of it is sealed yet.",
        "Verify it now under Audit, Proof.",
      );
    }
    const { verdict, findingCount, findings, finishedAt } = verification;
    if (verdict === "bad") {
      return {
        verdict: "critical",
        value: findingCount,
        finding: firstFinding(verification),
        fix: "Look under Audit, Proof. Leave the database and its archive as they are, and compare them with a backup.",
        evidence: {
          columns: [
            { name: "what", unit: "text" },
            { name: "entry", unit: "text" },
            { name: "in words", unit: "text" },
          ],
          rows: findings.slice(0, 20).map(({ kind, entry, message }) => [kind, entry, message]),
        },
      };
    }
    const days = daysSince(finishedAt, Date.now());
    if (days < verifiedDaysMax)
      return { verdict: "good", value: 0, finding: "Every entry is what it was when it was sealed." };
    return {
      verdict: "warning",
      value: 0,
      finding: comparedLongAgo(days),
      fix: "Start the worker, which does it every night, or verify it under Audit, Proof.",
    };
  },
};
