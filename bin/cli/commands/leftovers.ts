import { holdsRows, type Leftover, sweepSubject } from "#db/moves/sweep/contract.ts";
import { findLeftovers } from "#db/moves/sweep/find.ts";
import { removeLeftoversInput, sweepResult } from "#db/moves/sweep/inputs.ts";
import { removeLeftovers } from "#db/moves/sweep/remove.ts";
import { type Command, flag, parse, text } from "../command.ts";
import { waitForJob } from "../wait.ts";
import { bytes, count } from "../words.ts";

const list: Command = {
  name: "moves leftovers list",
  usage: "",
  summary: "Show what moves that are over have left in the fleet, why nobody needs it, and the SQL that removes it",
  async run(actor) {
    const found = await findLeftovers(actor);
    const { certain, doubtful, silent, asked, hash } = found;
    const parts = [
      ...silent.map(({ name, reason }) => `-- ${name} did not answer, so what is left there is not known: ${reason}`),
      ...certain.map(leftoverText),
      ...doubtful.map((one) => `-- Look at it yourself.\n${leftoverText(one)}`),
      certain.length === 0
        ? `-- Nothing to remove; ${asked} databases answered.`
        : `-- ${sweepSubject(certain)}, plan ${hash}${holdsRows(certain) ? "; it takes a second person" : ""}`,
    ];
    return { json: found, text: parts.join("\n\n") };
  },
};

const remove: Command = {
  name: "moves leftovers remove",
  usage: "[ID …] --plan HASH [--typed NAME] [--reason TEXT] [--approval ID] [--no-wait]",
  summary: "Remove leftovers by the plan that was shown: those that are named, or all that nobody needs for certain",
  options: {
    plan: { type: "string" },
    typed: { type: "string" },
    reason: { type: "string" },
    approval: { type: "string" },
    "no-wait": { type: "boolean" },
  },
  async run(actor, input) {
    const queued = await removeLeftovers(
      actor,
      parse(removeLeftoversInput, {
        ids: input.positionals.length > 0 ? input.positionals : undefined,
        planHash: text(input, "plan"),
        typed: text(input, "typed"),
        reason: text(input, "reason"),
        approvalId: text(input, "approval"),
      }),
    );
    if (flag(input, "no-wait")) return { json: queued, text: `Job ${queued.jobId}.` };
    const { removed, kept, swept } = sweepResult.parse((await waitForJob(actor, queued.jobId)).result);
    const lines = swept.map(({ name, line }) => `${name}: ${line}`);
    return {
      json: { ...queued, removed, kept, swept },
      text: [...lines, `${removed} removed, ${kept} kept.`].join("\n"),
      // What stays was agreed to, and is not any more what was shown.
      exitCode: kept > 0 ? 5 : 0,
    };
  },
};

export const leftoverCommands: Command[] = [list, remove];

function leftoverText({
  id,
  kind,
  name,
  databaseName,
  serverName,
  rows,
  bytes: size,
  why,
  parts,
  statements,
}: Leftover): string {
  return [
    `-- ${kind} ${name} in ${databaseName} on ${serverName}: ${count(rows)} rows, ${bytes(size)}`,
    `--   ${why}`,
    ...parts.map((part) => `--   ${part}`),
    `--   id: ${id}`,
    ...statements.map(({ sql }) => `${sql};`),
  ].join("\n");
}
