import { systemActor } from "#db/mint.ts";
import { listDeleted } from "#db/records/bin/rows.ts";
import type { DeletedPage } from "#db/records/contract.ts";
import type { RestorePlan } from "#db/records/restore/contract.ts";
import { beginning, readState, spoiling, takeConsole, write } from "./application.ts";
import { type Case, rowsEach, type Step } from "./cases.ts";
import { checkRestored } from "./check-restored.ts";
import { equal, same, violated } from "./compare.ts";
import { type Asked, expectProblems, type Planned, plannedRows } from "./expect.ts";
import { count, type Game, type Ground } from "./game.ts";
import { isMarked, layout, makeTables } from "./layout.ts";
import { type Input, plan, receiptsOf, refOf, run, settle } from "./restore.ts";
import { undoAtOnce, undoLater } from "./undo.ts";
import { type Happened, World } from "./world.ts";

const actor = systemActor("faults");

/** Plays a case against the database and the plain model, and fails with what does not agree. */
export async function play(ground: Ground, schema: string, given: Case): Promise<void> {
  const tables = layout(given, schema);
  await makeTables(ground.client, ground.databaseId, schema, tables);
  const game: Game = {
    ground,
    schema,
    world: new World(
      tables,
      tables.map(() => new Map()),
    ),
    restores: [],
  };
  await write(ground.client, game.world, beginning(tables, rowsEach));
  for (const [at, step] of given.steps.entries()) {
    try {
      await take(game, step);
      await checkBin(game);
    } catch (error) {
      if (error instanceof Error) error.message = `step ${at + 1} (${step.do}): ${error.message}`;
      throw error;
    }
  }
}

async function take(game: Game, step: Step): Promise<void> {
  if (step.do === "write") return write(game.ground.client, game.world, step.statements);
  if (step.do === "spoil") return write(game.ground.client, game.world, spoiling(game.world, step));
  if (step.do === "undo") return undoLater(game, step);
  return restore(game, step);
}

/** Every deleted row is in the bin or live, never both and never neither. */
async function checkBin({ ground, schema, world }: Game): Promise<void> {
  const listed: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await untilItAnswers(() => listDeleted(actor, { database: ground.databaseId, schema }, cursor, 7));
    listed.push(...page.rows.map(({ kind, table, record }) => `${kind} ${table} ${record}`));
    cursor = page.next;
    if (cursor === null) break;
  }
  same("the bin", listed.toSorted(), world.bin());
}

/** On a busy machine the database may answer late; one that has not answered after a minute is silent. */
async function untilItAnswers(read: () => Promise<DeletedPage>): Promise<DeletedPage> {
  for (const deadline = performance.now() + 60_000; ; ) {
    const page = await read();
    const [silence] = page.silent;
    if (!silence) return page;
    if (performance.now() > deadline) violated(`the bin was silent: ${silence.reason}`);
  }
}

async function restore(game: Game, step: Extract<Step, { do: "restore" }>): Promise<void> {
  const { ground, world } = game;
  const deletion = world.deletionBy(step.deletion);
  if (!deletion) return;
  const asked = await whatToAsk(game, deletion, step);
  if (!asked) return;
  const { input, about } = asked;
  const expected = plannedRows(world, about);
  const first = await plan(input);
  checkPlan(game, first, expected);
  const settled = await settle(input, first, step.choices);
  count(ground, first.status === "clean" ? "clean" : first.status === "open" ? "with_choices" : "nothing");
  if (step.between.length > 0) await write(ground.client, world, step.between);
  const fresh = step.between.length > 0 ? await plan(settled.input) : settled;
  const before = world.state;
  const ran = await run(settled);
  const now = await readState(ground.client, world.tables);
  if ("refused" in ran) {
    if (!equal(now, before)) violated(`a refused restore (${ran.refused}) changed rows`);
    const had = fresh.hash !== settled.hash ? "stale_plan" : settled.status === "nothing" ? "conflict" : null;
    if (ran.refused !== had) violated(`the restore was refused as ${ran.refused} rather than ${had}: ${ran.said}`);
    return count(ground, ran.refused === "stale_plan" ? "stale" : "nothing_to_write");
  }
  if (fresh.hash !== settled.hash) violated("a plan that did not hold any more ran");
  checkRestored(world, settled, step.between.length > 0 ? plannedRows(world, about) : expected, before, now);
  const receipts = await receiptsOf(ground.client, ran.restore);
  const unproven = receipts.find(({ done, equal, differing }) => !done || !equal || differing.length > 0);
  if (unproven) violated(`the receipt of ${unproven.table} ${unproven.record} proves nothing`);
  if (receipts.length !== settled.writes) violated(`${receipts.length} receipts for ${settled.writes} rows`);
  await takeConsole(ground.client, world, game.schema);
  count(ground, "restored");
  if (step.undo) await undoAtOnce(game, ran.restore, before);
  else game.restores.push(ran.restore);
}

async function whatToAsk(
  { ground, schema, world }: Game,
  { transaction, happened }: World["deletions"][number],
  { from, rows, children, links }: Extract<Step, { do: "restore" }>,
): Promise<{ input: Input; about: Asked } | null> {
  const deleted = happened.filter(({ what }) => what !== "cleared");
  const base = { database: ground.databaseId, children, links };
  if (from === "transaction") {
    return { input: { ...base, transaction }, about: { events: deleted, whole: true, children, links } };
  }
  const events: Happened[] = [];
  for (const at of rows.slice(0, from === "row" ? 1 : 2)) {
    const event = deleted[at % deleted.length];
    const newest = event && deleted.findLast(({ table, key }) => table === event.table && key === event.key);
    if (newest && !events.includes(newest)) events.push(newest);
  }
  const refs: string[] = [];
  for (const event of events) {
    const { table, key, what } = event;
    const laid = world.tables[table];
    const standing = world.state[table]?.get(key);
    // A row whose mark is off again, or was set anew, is asked for by the deletion that it has now.
    if (!laid || (what === "marked" && (!standing || !isMarked(laid, standing)))) return null;
    if (what === "marked" && markedLater(world, event)) return null;
    refs.push(await refOf(ground.client, schema, laid.name, key, transaction, what === "removed"));
  }
  // Entries are taken up before rows with a mark.
  const ordered = events.toSorted((a, b) => Number(b.what === "removed") - Number(a.what === "removed"));
  return { input: { ...base, row: refs }, about: { events: ordered, whole: false, children, links } };
}

function markedLater({ deletions }: World, event: Happened): boolean {
  return deletions.some(({ happened }) =>
    happened.some(
      ({ what, table, key, at }) => what === "marked" && table === event.table && key === event.key && at > event.at,
    ),
  );
}

/** Before anything is chosen: which rows the plan is about, and what stands in their way. */
function checkPlan({ world }: Game, first: RestorePlan, expected: readonly Planned[]): void {
  const tables = first.tables.map(({ name, rows, writes }) => `${name} ${rows} ${writes}`);
  const should = world.tables.flatMap(({ at, name }) => {
    const own = expected.filter(({ table }) => table === at);
    return own.length === 0 ? [] : [`${name} ${own.length} ${own.filter(({ open }) => open).length}`];
  });
  same("the plan's tables", tables, should);
  const { problems, groups } = expectProblems(world, expected);
  const found = first.problems.flatMap(({ code, table, subject, examples }) =>
    examples.map(({ record }) => `${code} ${table} ${record} ${subject}`),
  );
  const shared = new Set(groups.flat());
  same(
    "what stands in the way",
    found.filter((one) => !shared.has(one)),
    problems,
  );
  for (const group of groups) {
    const clashing = group.filter((one) => found.includes(one)).length;
    if (clashing !== group.length - 1)
      violated(`of ${group.length} rows that want one value ${clashing} clash: ${group.join("; ")}`);
  }
}
