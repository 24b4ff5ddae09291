import type pg from "pg";
import type { DatabaseModel } from "../contract.ts";
import type { Attempt, CheckReport, Finding, RelationResult } from "./contract.ts";
import { leakFindings } from "./findings.ts";
import { ghostKey, nobodies, type Recipe, recipes, type Tenant, unset } from "./identities.ts";
import { worstOf } from "./judge.ts";
import { bypassLints } from "./lints/bypass-lints.ts";
import { policyLints } from "./lints/policy-lints.ts";
import { type Surveyed, toFinding } from "./lints/rules.ts";
import { tableLints } from "./lints/table-lints.ts";
import { type Around, lookAround } from "./look-around.ts";
import { trySchemaTier } from "./schema-tier.ts";
import { type Identity, Session } from "./session.ts";
import { nameOf, type Subject } from "./subjects.ts";
import { Tenants } from "./tenants.ts";
import { tryFunction } from "./try-function.ts";
import { tryMoving } from "./try-moving.ts";
import { tryPartition } from "./try-partitions.ts";
import { type Trial, tryChanging, tryCopyOut, tryPlanting, tryReading } from "./try-table.ts";
import { tryView } from "./try-view.ts";
import { byKey, findPair, type Pair } from "./witnesses.ts";

export interface Watching {
  progress(done: number, total: number, line: string): Promise<void>;
  signal: AbortSignal;
}

/**
 * Tries to reach other tenants' rows as the application's role, in short transactions that are always rolled back. The
 * connection must be new: only on one where no setting was ever set can "no setting" be tried.
 */
export async function checkDatabase(
  client: pg.Client,
  model: DatabaseModel,
  { progress, signal }: Watching,
): Promise<CheckReport> {
  const around = await lookAround(client, model);
  const session = new Session(client, around.facts);
  const tenants = new Tenants(session, around);
  const tested = around.subjects.filter(({ expected }) => expected);
  const total = tested.length * 2 + around.relations.length;
  const pairs = new Map<string, Pair | { missing: string }>();
  const unsetAttempts = new Map<string, Attempt[]>();
  let done = 0;
  // First of all, while this connection has never had a setting.
  for (const subject of tested) {
    signal.throwIfAborted();
    await progress(done++, total, nameOf(subject.relation));
    await session.inTransaction(async () => {
      const pair = await findPair(session, subject, around.suspensions, (key) => tenants.of(key), await tenants.keys());
      pairs.set(subject.relation.oid, pair);
      if ("missing" in pair) return;
      const who = unset(around.facts);
      const trial = { session, subject, pair, mine: who, other: who, nobodies: [] };
      const found = [
        ...(await tryReading({ ...trial, mine: { ...who } }, [who])),
        ...(await tryChanging(trial, [who], false)),
      ];
      unsetAttempts.set(subject.relation.oid, found);
    });
  }
  const columns = new Set(tested.filter(({ path }) => path.length === 0).map(({ tenantColumn }) => tenantColumn));
  const ways = recipes(around.facts, around.vocabulary, columns);
  const trials: Trial[] = [];
  const relations: RelationResult[] = [];
  for (const subject of around.subjects) {
    signal.throwIfAborted();
    await progress(done++, total, nameOf(subject.relation));
    const pair = pairs.get(subject.relation.oid);
    if (!pair || "missing" in pair) {
      if (!subject.lists || subject.expected) relations.push(untried(subject, pair?.missing ?? null));
      continue;
    }
    await session.inTransaction(async () => {
      const trial = await trialOf(session, around, subject, pair, ways);
      if (trial.certain) trials.push(trial);
      const first = unsetAttempts.get(subject.relation.oid) ?? [];
      relations.push(await tryTable(trial, first));
      for (const partition of subject.partitions) {
        const attempts = await tryPartition(trial, partition);
        if (attempts.length > 0) relations.push(resultOf(partition, "partition", attempts, trial));
      }
    });
  }
  const tried = new Set<string>();
  for (const view of around.relations.filter(({ kind }) => kind === "v" || kind === "m")) {
    signal.throwIfAborted();
    await progress(done++, total, nameOf(view));
    const sources = around.viewSources.get(view.oid) ?? [];
    const bases = trials.filter(({ subject }) => sources.includes(subject.relation.oid));
    const result = await session.inTransaction(() => tryView(session, view, bases));
    if (!result) continue;
    relations.push(result);
    if (result.verdict !== "unproven") tried.add(view.oid);
  }
  for (const routine of around.routines) {
    signal.throwIfAborted();
    const result = await session.inTransaction(() => tryFunction(session, routine, trials));
    if (!result) continue;
    relations.push(result);
    if (result.verdict !== "unproven") tried.add(routine.oid);
  }
  relations.push(...(await trySchemaTier(session, around)));
  await progress(total, total, "");
  return {
    role: around.facts.name,
    relations,
    findings: findingsOf(around, relations, tried),
    limits: limitsOf(around),
  };
}

interface SureTrial extends Trial {
  /** A session of `mine` is known to see its own rows, so that what it does not see was kept from it. */
  certain: boolean;
}

/** The first way to be a tenant that sees its own rows; it is tried first for the next table. */
async function trialOf(
  session: Session,
  around: Around,
  subject: Subject,
  pair: Pair,
  ways: Recipe[],
): Promise<SureTrial> {
  const own = pair.mineRow ? byKey(subject, [pair.mineRow]) : null;
  const theirs = byKey(subject, pair.otherRows.slice(0, 1));
  const ghost: Tenant = {
    key: ghostKey(subject.tenantType),
    slug: "caretaker-nobody",
    user: ghostKey(userType(around)),
  };
  const asTrial = (way: Recipe, certain: boolean): SureTrial | null => {
    const [mine, other, nobody] = [way(pair.mine), way(pair.other), way(ghost)];
    if (!mine || !other) return null;
    const lost: Identity = nobody ?? {
      ...mine,
      role: around.facts.name,
      settings: mine.settings.map(([name]) => [name, ghost.key]),
    };
    return { session, subject, pair, mine, other, nobodies: nobodies(around.facts, around.vocabulary, lost), certain };
  };
  for (const [at, way] of ways.entries()) {
    const trial = asTrial(way, true);
    const [who, key] = own ? [trial?.mine, own] : [trial?.other, theirs];
    if (!trial || !who || !key) continue;
    if ((await session.as(who, `SELECT 1 FROM ${nameOf(subject.relation)} WHERE ${key}`)).count === 0) continue;
    ways.splice(at, 1);
    ways.unshift(way);
    return trial;
  }
  for (const way of ways) {
    const trial = asTrial(way, false);
    if (trial) return trial;
  }
  throw new Error("There is no way to be a tenant.");
}

function userType({ model, catalog }: Around): string {
  const { usersTable: users } = model;
  const table = catalog.tables.find(({ schema, name }) => schema === users?.schema && name === users.table);
  return table?.columns.find(({ name }) => name === users?.key)?.type ?? "text";
}

async function tryTable(trial: SureTrial, first: Attempt[]): Promise<RelationResult> {
  const sessions = [trial.mine, ...trial.nobodies];
  const ghost = trial.nobodies.slice(1, 2);
  const attempts = [
    ...(await tryReading(trial, sessions)),
    ...(await tryCopyOut(trial)),
    ...(await tryChanging(trial, ghost)),
    ...(await tryPlanting(trial)),
    ...(await tryMoving(trial)),
    ...first,
  ];
  return resultOf(trial.subject.relation, "table", attempts, trial);
}

function resultOf(
  { schema, name }: { schema: string; name: string },
  kind: "table" | "partition",
  attempts: Attempt[],
  { pair, certain, subject }: SureTrial,
): RelationResult {
  const worst = worstOf(attempts);
  const between = `tenants ${pair.mine.key} and ${pair.other.key}`;
  if (worst?.outcome === "leaked" || worst?.outcome === "unproven") {
    const detail = `As ${worst.session}, ${worst.verb}: ${worst.detail}.`;
    return { schema, name, kind, verdict: worst.outcome === "leaked" ? "leaks" : "unproven", detail, attempts };
  }
  if (!certain && subject.relation.may.select && byKey(subject, pair.otherRows) !== null) {
    const detail = `No session could be made that sees the rows of ${pair.mine.key}, so that seeing none of ${pair.other.key} proves nothing.`;
    return { schema, name, kind, verdict: "unproven", detail, attempts };
  }
  const left = attempts.filter(({ outcome }) => outcome === "skipped").length;
  return {
    schema,
    name,
    kind,
    verdict: "proven",
    detail: `Tried with ${between}${left > 0 ? `; ${left} ${left === 1 ? "attempt was" : "attempts were"} not made` : ""}.`,
    attempts,
  };
}

function untried({ relation, expected, lists }: Subject, missing: string | null): RelationResult {
  const { schema, name } = relation;
  if (expected && !Object.values(relation.may).some(Boolean)) {
    return { schema, name, kind: "table", verdict: "proven", detail: "The role has no privilege on it.", attempts: [] };
  }
  if (expected)
    return { schema, name, kind: "table", verdict: "unproven", detail: missing ?? "It was not tried.", attempts: [] };
  const detail = lists
    ? "It lists the tenants."
    : "No table of this database has row security: the application alone keeps tenants apart.";
  return { schema, name, kind: "table", verdict: "unprotected", detail, attempts: [] };
}

const shownByAttempt = new Set(["materialized view of tenants' rows", "no row security"]);

function findingsOf(around: Around, relations: readonly RelationResult[], tried: ReadonlySet<string>): Finding[] {
  const surveyed: Surveyed = { ...around, tried };
  const leaking = new Set(
    relations.filter(({ verdict }) => verdict === "leaks").map(({ schema, name }) => `${schema}.${name}`),
  );
  const lints = [...bypassLints(surveyed), ...tableLints(surveyed), ...policyLints(surveyed)]
    .map(toFinding)
    // What an attempt has shown is said once, with its statement.
    .filter(({ kind, schema, name }) => !(shownByAttempt.has(kind) && leaking.has(`${schema}.${name}`)));
  return [...leakFindings(around, relations), ...lints];
}

function limitsOf({ facts }: Around): string[] {
  return facts.caretaker.mayReplica
    ? []
    : [
        `Where a table has triggers of its own, writes were not tried. GRANT SET ON PARAMETER session_replication_role TO "${facts.caretaker.name}"; lets them be.`,
      ];
}
