import { expect, test } from "vitest";
import type { ProofStanding } from "#db/audit/proof/contract.ts";
import type { IsolationRun } from "#db/databases/isolation/contract.ts";
import type { Check } from "#db/health/contract.ts";
import type { JobView } from "#db/jobs/contract.ts";
import type { MoveRow } from "#db/moves/contract.ts";
import type { DueReplay } from "#db/records/erasure/closing/contract.ts";
import {
  byUrgency,
  concernsOf,
  erasureConcerns,
  healthConcerns,
  isolationConcerns,
  jobConcerns,
  moveConcerns,
  proofConcerns,
  serverConcerns,
} from "./attention.ts";

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

test("a move that stopped and one whose grace period is over need somebody, and one that goes on needs nobody", () => {
  const place = {
    tier: "shared" as const,
    databaseId: "1",
    databaseName: "app",
    serverName: "local",
    schema: "public",
  };
  const move = (id: string, error: string | null, completableAt: string | null): MoveRow => ({
    ...{ id, tenantId: "7", tenantName: "Acme", tenantKey: "7", from: place, to: { ...place, tier: "schema" } },
    ...{ state: completableAt ? "moved" : "copying", paused: false, cutover: "asked", cutoverAt: null, jobId: null },
    ...{ rows: 0, estimatedRows: 0, pauseMs: null, actorName: "Ada", startedAt: "", movedAt: null, endedAt: null },
    ...{ error, completableAt },
  });
  const moves = [
    move("stopped", "Rows of orders differ.", null),
    move("over", null, "2026-11-22T11:00:00Z"),
    move("promised", null, "2026-11-22T13:00:00Z"),
    move("going", null, null),
  ];
  expect(moveConcerns(moves, now).map(({ kind, href }) => [kind, href])).toEqual([
    ["critical", "/tenants/moves/stopped"],
    ["warning", "/tenants/moves/over"],
  ]);
});

test("an area that could not be asked is itself a concern, never silence", () => {
  const refused = { ok: false as const, code: "unreachable" as const, message: "It does not answer." };
  expect(concernsOf("The jobs are not known", "/jobs", refused, () => [])).toHaveLength(1);
});

const tampered: ProofStanding = {
  databaseId: "app-id",
  name: "app",
  size: 7,
  sealedAt: new Date(now).toISOString(),
  unsealedSince: null,
  checkpoint: null,
  stopped: null,
  verification: {
    ...{
      verdict: "bad",
      size: 7,
      entries: 7,
      erased: 0,
      archived: 0,
      expired: 0,
      lost: 0,
      findingCount: 3,
      finishedAt: "",
    },
    findings: [{ kind: "changed", entry: "9", message: "Entry 9 reads otherwise than when it was sealed." }],
  },
};

test("a log that was tampered with is told once, also when its database does not answer", () => {
  const [concern, ...more] = proofConcerns([tampered], new Set(), now);
  expect(concern).toEqual({
    kind: "critical",
    what: "app, audit log: Tampered with",
    why: "Entry 9 reads otherwise than when it was sealed. 3 findings in all.",
    href: "/audit/proof",
  });
  expect(more).toEqual([]);
  expect(proofConcerns([tampered], new Set(["app-id"]), now)).toEqual([]);
  const check: Check = {
    ...{ id: "audit-tampering", title: "Tampering with the audit log", verdict: "critical", value: 3, unit: "count" },
    ...{ finding: "Entry 9 …", fix: null, threshold: "", sql: "", evidence: null, asOf: "", since: null },
  };
  const health = { databaseId: "app-id", name: "app", serverName: null, version: "15" };
  const databases = [{ ...health, verdict: check.verdict, checks: [check] }];
  expect(healthConcerns({ databases, silent: [], asOf: "" })).toMatchObject([
    { kind: "critical", what: "app: Tampering with the audit log", href: "/audit/proof" },
  ]);
});

test("a sealer that stands still is a warning, then critical", () => {
  const late = (minutes: number) =>
    proofConcerns(
      [{ ...tampered, verification: null, sealedAt: new Date(now - minutes * 60_000).toISOString() }],
      new Set(),
      now,
    ).map(({ kind }) => kind);
  expect([late(4), late(6), late(16)]).toEqual([[], ["warning"], ["critical"]]);
});

test("the worst stands first", () => {
  const concern = (kind: "critical" | "warning" | "unknown") => ({ kind, what: kind, why: "", href: "/" });
  const kinds = byUrgency([concern("unknown"), concern("warning"), concern("critical")]).map(({ kind }) => kind);
  expect(kinds).toEqual(["critical", "warning", "unknown"]);
});

test("a server beyond the limit is a concern, and one of which nothing is known is none", () => {
  const server = {
    id: "s",
    name: "one",
    region: null,
    diskBytes: 100,
    cores: 8,
    movesAtOnce: 2,
    usedBytes: 80,
    load: 1,
    sampledAt: null,
    silent: false,
    databases: 1,
    tenants: 1,
  };
  const known = { ...server, pressure: { disk: 0.8, load: 0.125 } };
  expect(serverConcerns([known, { ...server, pressure: { disk: null, load: null } }])).toMatchObject([
    { kind: "warning", what: "one is at 80 % of its disk" },
  ]);
});

test("a leak in a database that does not answer is a concern all the same, and not twice where it does", () => {
  const run = { ...isolationRun, critical: 1 };
  const standing = { databaseId: "d", name: "app", serverName: "one", applicationRole: "app", run, failure: null };
  expect(isolationConcerns([standing], new Set())).toMatchObject([{ kind: "critical", href: "/tenants/isolation/d" }]);
  expect(isolationConcerns([standing], new Set(["d"]))).toEqual([]);
  expect(isolationConcerns([{ ...standing, run: isolationRun }], new Set())).toEqual([]);
});

const isolationRun: IsolationRun = {
  id: "r",
  databaseId: "d",
  state: "done",
  role: "app",
  startedAt: "2026-11-22T12:00:00Z",
  finishedAt: "2026-11-22T12:00:01Z",
  tables: 3,
  leaking: 1,
  unproven: 0,
  unprotected: 0,
  critical: 0,
  warnings: 0,
  error: null,
  fix: null,
  limits: [],
};

test("a database that was put back to before an erasure is critical, with how many are due again", () => {
  expect(erasureConcerns({ due: [], silent: [] })).toEqual([]);
  const app = { database: "app-id", databaseName: "app", from: "app-id", admits: ["shop"], sessions: 3, closed: null };
  const closed = { at: "2026-11-22T11:00:00Z", by: "Ada", reason: "Restored" };
  const of = (due: Partial<DueReplay>) =>
    erasureConcerns({ due: [{ ...app, erasures: 2, elsewhere: [], ...due }], silent: [] })[0];
  expect(of({})).toMatchObject({ kind: "critical", href: "/deleted/erasures" });
  expect(of({})?.what).toBe("app was put back: 2 erasures are to be applied again");
  expect(of({ from: "other" })?.what).toBe("app is a copy: 2 erasures are to be applied again");
  expect(of({})?.why).toBe("People who were erased are in it again, and shop can connect to it.");
  expect(of({ closed, admits: [], sessions: 0 })?.why).toBe("It is closed to its application until they are.");
  expect(of({ closed, admits: [], sessions: 0, erasures: 0 })).toMatchObject({
    kind: "warning",
    what: "app is closed to its application",
  });
  const elsewhere = [{ id: "e", subject: "public.users 7" }];
  expect(of({ closed, admits: [], sessions: 0, erasures: 0, elsewhere })?.why).toContain(
    "1 person is to be searched for",
  );
});
