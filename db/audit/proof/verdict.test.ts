import { expect, test } from "vitest";
import type { ProofStanding } from "./contract.ts";
import { lateSeconds, verdictOf, verifiedDaysMax } from "./verdict.ts";

const now = Date.parse("2026-11-22T12:00:00Z");
const ago = (seconds: number) => new Date(now - seconds * 1_000).toISOString();

const good: ProofStanding = {
  databaseId: "d",
  name: "app",
  size: 10,
  sealedAt: ago(30),
  unsealedSince: null,
  checkpoint: null,
  stopped: null,
  verification: {
    ...{
      verdict: "good",
      size: 10,
      entries: 10,
      erased: 0,
      archived: 0,
      expired: 0,
      lost: 0,
      findingCount: 0,
      findings: [],
    },
    finishedAt: ago(3_600),
  },
};

test("a log is good when it is sealed up to now and was verified lately", () => {
  expect(verdictOf(good, now)).toMatchObject({ kind: "good" });
  expect(verdictOf({ ...good, unsealedSince: ago(lateSeconds.warning - 1) }, now)).toMatchObject({ kind: "good" });
});

test("entries that wait are late, however lately the sealer ran", () => {
  const waiting = (seconds: number) => verdictOf({ ...good, unsealedSince: ago(seconds) }, now);
  expect(waiting(lateSeconds.warning + 1)).toMatchObject({ kind: "warning", words: "Sealing is late" });
  expect(waiting(3 * 3_600)).toMatchObject({ kind: "critical", why: expect.stringContaining("180 minutes") });
});

test("a verification of long ago says nothing of today", () => {
  const verified = (days: number) =>
    verdictOf(
      { ...good, verification: good.verification && { ...good.verification, finishedAt: ago(days * 86_400) } },
      now,
    );
  expect(verified(verifiedDaysMax - 1)).toMatchObject({ kind: "good" });
  expect(verified(verifiedDaysMax)).toMatchObject({ kind: "unknown", why: expect.stringContaining("3 days ago") });
});
