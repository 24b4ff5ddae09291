import { expect, test } from "vitest";
import type { JobView } from "#db/jobs/contract.ts";
import { byUrgency, concernsOf, jobConcerns } from "./attention.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

function job(title: string, state: JobView["state"], createdAt = "2026-11-22T11:00:00Z"): JobView {
  return {
    id: `${title} ${createdAt}`,
    kind: "backups.run",
    title,
    state,
    step: null,
    progress: null,
    result: null,
    error: state === "failed" ? "No space left." : null,
    actorName: "system",
    attempts: 1,
    cancelRequestedAt: null,
    createdAt,
    startedAt: createdAt,
    finishedAt: createdAt,
    revision: 1,
  };
}

test("a failed job that was repeated and done needs nobody", () => {
  expect(jobConcerns([job("Backup of app", "done"), job("Backup of app", "failed")], now)).toEqual([]);
});

test("a failed job is named once, however often it failed", () => {
  const concerns = jobConcerns([job("Backup of app", "failed"), job("Backup of app", "failed")], now);
  expect(concerns.map(({ what, why }) => [what, why])).toEqual([["Backup of app failed", "No space left."]]);
});

test("a job that failed a week ago is history", () => {
  expect(jobConcerns([job("Backup of app", "failed", "2026-11-14T11:00:00Z")], now)).toEqual([]);
});

test("an area that could not be asked is itself a concern, never silence", () => {
  const refused = { ok: false as const, code: "unreachable" as const, message: "It does not answer." };
  expect(concernsOf("The jobs are not known", "/jobs", refused, () => [])).toHaveLength(1);
});

test("the worst stands first", () => {
  const concern = (kind: "critical" | "warning" | "unknown") => ({ kind, what: kind, why: "", href: "/" });
  const kinds = byUrgency([concern("unknown"), concern("warning"), concern("critical")]).map(({ kind }) => kind);
  expect(kinds).toEqual(["critical", "warning", "unknown"]);
});
