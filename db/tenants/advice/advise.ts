import type { Tier } from "../contract.ts";
import type { Advice, AdviceFacts, AdviceRules, Room } from "./contract.ts";
import { lackOf } from "./room.ts";
import { percent, size } from "./words.ts";

/** A share of fewer writes than this a day is chance. */
const writesMin = 1_000;

/**
 * Where a tenant should live, or null where it lives right. Going back down asks for less than half of what going up does, and for
 * room where it would go, so that no tenant is sent to and fro.
 */
export function advise(facts: AdviceFacts, rules: AdviceRules, { limits, tablesEach }: Room): Advice | null {
  if (facts.dedicated) {
    return facts.tier === "database"
      ? null
      : { tier: "database", reason: "Its contract promises a database of its own.", atOnce: true };
  }
  const wanted = wantedTier(facts, rules);
  if (wanted === null || wanted.tier === facts.tier) return null;
  const lack = wanted.tier === "schema" ? lackOf(limits, tablesEach) : null;
  if (lack !== null) {
    if (facts.tier === "database") return null;
    const reason = `${wanted.reason.replace(/[.]$/, "")}, and with one more schema there would be ${lack}, so it needs a database of its own.`;
    return { tier: "database", reason, atOnce: false };
  }
  return { ...wanted, atOnce: false };
}

function wantedTier(facts: AdviceFacts, rules: AdviceRules): { tier: Tier; reason: string } | null {
  const { sizeBytes, tier } = facts;
  const share = facts.writes !== null && facts.writes >= writesMin ? (facts.writeShare ?? 0) : 0;
  if (sizeBytes === null) return null;
  if (sizeBytes > rules.schemaBytesMax && tier !== "database") {
    return { tier: "database", reason: `It holds ${size(sizeBytes)}, above ${size(rules.schemaBytesMax)}.` };
  }
  if (tier === "shared") {
    if (sizeBytes > rules.sharedBytesMax) {
      return { tier: "schema", reason: `It holds ${size(sizeBytes)}, above ${size(rules.sharedBytesMax)}.` };
    }
    if (share > rules.writeShareMax) {
      return {
        tier: "schema",
        reason: `It makes ${percent(share)} of its database's writes, above ${percent(rules.writeShareMax)}.`,
      };
    }
    return null;
  }
  if (share < rules.writeShareMax / 2 && sizeBytes < rules.sharedBytesMax / 2) {
    return { tier: "shared", reason: `It holds ${size(sizeBytes)}, below half of ${size(rules.sharedBytesMax)}.` };
  }
  if (tier === "database" && sizeBytes < rules.schemaBytesMax / 2) {
    return { tier: "schema", reason: `It holds ${size(sizeBytes)}, below half of ${size(rules.schemaBytesMax)}.` };
  }
  return null;
}

/** What a move costs, from rates measured for moves: rows copied within a database, and over a connection. */
export function predictedCost(from: Tier, to: Tier, bytes: number): { copySeconds: number; pauseMs: number } {
  const across = from === "database" || to === "database";
  const bytesPerSecond = across ? 16 * 1024 ** 2 : 24 * 1024 ** 2;
  return { copySeconds: Math.ceil(bytes / bytesPerSecond), pauseMs: across ? 100 : 25 };
}
