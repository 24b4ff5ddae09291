import type { Actor } from "#db/actor.ts";
import {
  actOnMoveInput,
  type MoveRow,
  type MoveView,
  moveFilter,
  planMoveInput,
  scheduleInput,
  startMoveInput,
  throttleInput,
} from "#db/moves/contract.ts";
import { paceText } from "#db/moves/pace/text.ts";
import { planMove } from "#db/moves/plan/plan.ts";
import { listMoves, readMove } from "#db/moves/read.ts";
import {
  type Acted,
  abortMove,
  completeMove,
  cutOverMove,
  pauseMove,
  resumeMove,
  reverseMove,
  throttleMove,
  verifyMove,
} from "#db/moves/verbs/act.ts";
import { giveUpPlace } from "#db/moves/verbs/give-up.ts";
import { scheduleCutover } from "#db/moves/verbs/schedule.ts";
import { startMove } from "#db/moves/verbs/start.ts";
import { type Command, flag, type Input, type Output, only, parse, text } from "../command.ts";
import { findDatabaseId, findTenantId } from "../find.ts";
import { planText } from "../plan-text.ts";
import { facts, moreLine, table } from "../table.ts";
import { bytes, count } from "../words.ts";

const where = { tier: { type: "string" }, database: { type: "string" }, server: { type: "string" } } as const;

async function asked(actor: Actor, input: Input) {
  const database = text(input, "database");
  return {
    tenantId: await findTenantId(actor, only(input, "a tenant")),
    tier: text(input, "tier"),
    databaseId: database && (await findDatabaseId(actor, database)),
    serverId: text(input, "server"),
  };
}

function cutoverOf(input: Input) {
  const cutoverAt = text(input, "at");
  return { cutover: text(input, "cutover") ?? (cutoverAt ? "at" : "asked"), cutoverAt };
}

const plan: Command = {
  name: "moves plan",
  usage: "TENANT --tier shared|schema|database [--database NAME] [--server ID]",
  summary: "Show what moving a tenant would do, every statement, and what stands in its way",
  options: where,
  async run(actor, input) {
    const made = await planMove(actor, parse(planMoveInput, await asked(actor, input)));
    const head = `-- ${made.tenant.name}: ${placeText(made.from)} to ${placeText(made.to)}, about ${made.copySeconds} s of copying, ${made.pauseMs} ms of pause and ${bytes(made.bytesNeeded)} of disk there`;
    const statements = made.phases.flatMap((phase) => phase.statements);
    return { json: made, text: `${head}\n${planText({ ...made, statements })}` };
  },
};

const start: Command = {
  name: "moves start",
  usage:
    "TENANT --tier shared|schema|database --plan HASH [--database NAME] [--server ID] [--cutover ready|asked|at] [--at TIME] [--pace gentle|normal|fast] [--rows-per-second N] [--grace-hours N] [--reason TEXT]",
  summary: "Start to move a tenant by the plan that was shown",
  options: {
    ...where,
    plan: { type: "string" },
    cutover: { type: "string" },
    at: { type: "string" },
    pace: { type: "string" },
    "rows-per-second": { type: "string" },
    "grace-hours": { type: "string" },
    reason: { type: "string" },
  },
  async run(actor, input) {
    const started = await startMove(
      actor,
      parse(startMoveInput, {
        ...(await asked(actor, input)),
        planHash: text(input, "plan"),
        ...cutoverOf(input),
        pace: text(input, "pace"),
        throttleRows: text(input, "rows-per-second"),
        graceHours: text(input, "grace-hours"),
        reason: text(input, "reason"),
      }),
    );
    return { json: started, text: `Move ${started.moveId}, job ${started.jobId}.` };
  },
};

const list: Command = {
  name: "moves list",
  usage: "[--tenant TENANT] [--open] [--cursor CURSOR]",
  summary: "List moves, newest first",
  options: { tenant: { type: "string" }, open: { type: "boolean" }, cursor: { type: "string" } },
  async run(actor, input) {
    const tenant = text(input, "tenant");
    const filter = parse(moveFilter, {
      tenantId: tenant && (await findTenantId(actor, tenant)),
      open: flag(input, "open") ? "true" : undefined,
      cursor: text(input, "cursor"),
    });
    const page = await listMoves(actor, filter);
    return { json: page, text: `${moveTable(page.rows)}${moreLine(page.next)}` };
  },
};

const show: Command = {
  name: "moves show",
  usage: "MOVE",
  summary: "Show one move with its tables and what happened",
  async run(actor, input) {
    const move = await readMove(actor, only(input, "a move"));
    return { json: move, text: moveText(move) };
  },
};

/** A verb on one move: its words, and what it takes besides. */
function verb(
  name: string,
  summary: string,
  act: (actor: Actor, input: Input, moveId: string) => Promise<Acted>,
): Command {
  return {
    name: `moves ${name}`,
    usage: "MOVE [--reason TEXT] [--typed NAME] [--plan HASH] [--approval ID]",
    summary,
    options: {
      reason: { type: "string" },
      typed: { type: "string" },
      plan: { type: "string" },
      approval: { type: "string" },
    },
    async run(actor, input): Promise<Output> {
      const acted = await act(actor, input, only(input, "a move"));
      return { json: acted, text: acted.jobId ? `Job ${acted.jobId}.` : "Done." };
    },
  };
}

const consent = (input: Input, moveId: string) => ({
  moveId,
  reason: text(input, "reason"),
  typed: text(input, "typed"),
  planHash: text(input, "plan"),
  approvalId: text(input, "approval"),
});
const acting =
  (act: (actor: Actor, input: ReturnType<typeof actOnMoveInput.parse>) => Promise<Acted>) =>
  (actor: Actor, input: Input, moveId: string) =>
    act(actor, parse(actOnMoveInput, consent(input, moveId)));

const schedule: Command = {
  name: "moves schedule",
  usage: "MOVE [--cutover ready|asked|at] [--at TIME] [--reason TEXT]",
  summary: "Say anew when a move is to cut over that has not begun to: when somebody asks unless said",
  options: { cutover: { type: "string" }, at: { type: "string" }, reason: { type: "string" } },
  async run(actor, input): Promise<Output> {
    const asked = parse(scheduleInput, { ...consent(input, only(input, "a move")), ...cutoverOf(input) });
    return { json: await scheduleCutover(actor, asked), text: "Done." };
  },
};

const throttle: Command = {
  name: "moves throttle",
  usage:
    "MOVE [--pace gentle|normal|fast] [--rows N] [--slowdown TIMES] [--lag SECONDS] [--wal MB_PER_SECOND] [--waiting SESSIONS]",
  summary: "Set how much of its servers a move takes; what is left out is as the pace has it, normal unless said",
  options: {
    pace: { type: "string" },
    rows: { type: "string" },
    slowdown: { type: "string" },
    lag: { type: "string" },
    wal: { type: "string" },
    waiting: { type: "string" },
  },
  async run(actor, input): Promise<Output> {
    const asked = parse(throttleInput, {
      moveId: only(input, "a move"),
      pace: text(input, "pace"),
      rows: text(input, "rows"),
      slowdown: text(input, "slowdown"),
      lagSeconds: text(input, "lag"),
      walMbPerSecond: text(input, "wal"),
      waitingSessions: text(input, "waiting"),
    });
    return { json: await throttleMove(actor, asked), text: "Done." };
  },
};

export const moveCommands: Command[] = [
  plan,
  start,
  list,
  show,
  verb("pause", "Leave off copying; what is copied stays", acting(pauseMove)),
  verb("resume", "Go on after a pause or a failure", acting(resumeMove)),
  verb("verify", "Compare both places again", acting(verifyMove)),
  verb("cut-over", "Move the writers now", acting(cutOverMove)),
  schedule,
  verb("reverse", "Bring the writers back with everything they wrote", acting(reverseMove)),
  verb("complete", "Remove the old place's rows for good, after a second person agreed", acting(completeMove)),
  verb("abort", "Leave the tenant where it is and take the copy away", acting(abortMove)),
  verb(
    "give-up",
    "End an aborted or completed move without its other place, which is lost for good",
    acting(giveUpPlace),
  ),
  throttle,
];

function placeText({ tier, serverName, databaseName, schema }: MoveRow["from"]): string {
  return `${tier} ${serverName}/${databaseName}.${schema}`;
}

function moveTable(rows: readonly MoveRow[]): string {
  return table(
    [
      { title: "id", value: (row) => row.id },
      { title: "tenant", value: (row) => row.tenantName },
      { title: "to", value: (row) => placeText(row.to) },
      { title: "state", value: (row) => (row.paused ? `${row.state}, paused` : row.state) },
      { title: "rows", value: (row) => `${count(row.rows)} of ${count(row.estimatedRows)}`, end: true },
      { title: "pause ms", value: (row) => row.pauseMs?.toFixed(1) ?? null, end: true },
      { title: "started", value: (row) => row.startedAt },
    ],
    rows,
  );
}

function moveText(move: MoveView): string {
  const head = facts([
    ["id", move.id],
    ["tenant", move.tenantName],
    ["from", placeText(move.from)],
    ["to", placeText(move.to)],
    ["state", move.paused ? `${move.state}, paused by ${move.pausedBy}` : move.state],
    ["job", move.jobId],
    ["pace", paceText(move.pace, move.paceLimits, move.throttleRows)],
    ["held", move.held],
    ["lag", move.lagKeys === null ? null : `${count(move.lagKeys)} keys at ${move.lagAt}`],
    ["pause", move.pauseMs === null ? null : `${move.pauseMs.toFixed(1)} ms`],
    ["completable", move.completableAt],
    ["plan to complete", move.completionHash],
    ["not there", move.loss && `${placeText(move.loss.place)} since ${move.loss.since}: ${move.loss.why}`],
    ["plan to give up", move.loss?.planHash ?? null],
    ["given up", move.givenUpAt],
    ["error", move.error],
  ]);
  const tables = table(
    [
      { title: "table", value: (row) => row.name },
      { title: "rows", value: (row) => count(row.rows), end: true },
      { title: "bytes", value: (row) => bytes(String(row.bytes)), end: true },
      { title: "read again", value: (row) => count(row.drained), end: true },
      { title: "verified", value: (row) => row.verifiedAt },
    ],
    move.tables,
  );
  const events = move.events.map(({ at, line, actorName }) => `${at}  ${actorName}: ${line}`);
  return `${head}\n\n${tables}\n\n${events.join("\n")}`;
}
