import fc from "fast-check";
import { expect, test } from "vitest";
import { movePaces, pacings } from "./contract.ts";
import { judge, nextShare, pacingOf, restMs, rowsAtOnce, type Seen } from "./judge.ts";
import { type Replica, Replicas } from "./replicas.ts";

const calm: Seen = {
  server: "one",
  othersWork: false,
  commitMs: 2,
  calmCommitMs: 2,
  behind: null,
  walMbPerSecond: 0,
  waitingSessions: 0,
};
const { normal, fast } = pacings;

test("nothing holds a move back where nobody else works, however slow commits are by its own doing", () => {
  expect(judge(normal, [{ ...calm, commitMs: 50 }])).toEqual({ way: "free", why: null });
});

test("what asks for more goes before what asks for less, and names its server and its limit", () => {
  const busy = { ...calm, othersWork: true };
  expect(judge(normal, [calm, { ...busy, server: "two" }])).toEqual({ way: "share", why: "Others work on two." });
  expect(judge(normal, [{ ...busy, commitMs: 9, walMbPerSecond: 90 }])).toEqual({
    way: "less",
    why: "A commit on one takes 9.0 ms, and took 2.0 ms before.",
  });
  expect(judge(normal, [{ ...calm, walMbPerSecond: 90 }]).why).toContain("90 MB a second to its log, more than 64");
  expect(judge(normal, [{ ...busy, commitMs: 9, waitingSessions: 7 }]).why).toContain("7 sessions wait for locks");
  expect(judge(normal, [{ ...busy, waitingSessions: 7, behind: { replica: "beside", seconds: 14 } }])).toEqual({
    way: "stop",
    why: "The replica beside of one is 14 s behind, more than 10 s.",
  });
});

test("a quick commit is quick, however much quicker it was", () => {
  expect(judge(normal, [{ ...calm, othersWork: true, commitMs: 2.9, calmCommitMs: 0.1 }]).way).toBe("share");
});

test("a limit that was set for a move stands in place of its pace's, and fast is held back by replicas alone", () => {
  const slow = { ...calm, othersWork: true, commitMs: 90, walMbPerSecond: 900, waitingSessions: 90 };
  expect(judge(fast, [slow])).toEqual({ way: "free", why: null });
  expect(judge(pacingOf("fast", { waitingSessions: 3 }), [slow]).way).toBe("less");
  expect(judge(fast, [{ ...slow, behind: { replica: "beside", seconds: 61 } }]).way).toBe("stop");
  expect(
    judge(pacingOf("normal", { lagSeconds: 100 }), [{ ...calm, behind: { replica: "beside", seconds: 61 } }]).way,
  ).toBe("free");
});

test("the share of the time halves while something is too much, comes back slowly, and stays within its bounds", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...movePaces),
      fc.array(fc.constantFrom("share" as const, "less" as const, "stop" as const), { minLength: 1 }),
      (pace, ways) => {
        let share = 1;
        for (const way of ways) {
          const before = share;
          share = nextShare(share, { way, why: "" }, pacings[pace]);
          expect(share).toBeLessThanOrEqual(pacings[pace].shareMax);
          expect(share).toBeGreaterThanOrEqual(pacings[pace].shareMin);
          if (way === "share") expect(share - before).toBeLessThanOrEqual(0.021);
          else expect(share).toBeLessThanOrEqual(Math.max(pacings[pace].shareMin, before / 2));
        }
        expect(nextShare(share, { way: "free", why: null }, pacings[pace])).toBe(1);
      },
    ),
  );
});

test("rests make up for work, and bursts take as many rows as fit", () => {
  expect(restMs(30, 1)).toBe(0);
  expect(restMs(30, 0.25)).toBe(90);
  expect(restMs(60_000, 0.1)).toBe(10_000);
  expect(rowsAtOnce(100, normal, 50_000)).toBe(3_000);
  expect(rowsAtOnce(0.1, normal, 50_000)).toBe(500);
  expect(rowsAtOnce(100, normal, 20)).toBe(20);
});

test("a replica is behind for as long as it has not come to where the log was, also when it says nothing", () => {
  const replicas = new Replicas();
  const beside = { pid: 7, name: "beside", lagSeconds: null, replayedBytes: 100 };
  const seen = (at: number, flushed: number, more: Partial<Replica>) =>
    replicas.furthestBehind(at, flushed, [{ ...beside, ...more }])?.seconds;
  expect(seen(10, 100, {})).toBe(0);
  expect(seen(11, 300, {})).toBe(0);
  expect(seen(12, 400, {})).toBe(1);
  expect(seen(15, 500, {})).toBe(4);
  expect(seen(16, 500, { replayedBytes: 200 })).toBe(5);
  expect(seen(17, 600, { replayedBytes: 300 })).toBe(0);
  expect(seen(18, 600, { replayedBytes: 300, lagSeconds: 3 })).toBe(3);
  expect(seen(30, 900, { pid: 8 })).toBe(0);
  expect(seen(40, 900, { pid: 9, replayedBytes: null })).toBe(0);
  expect(replicas.furthestBehind(50, 900, [])).toBeNull();
});
