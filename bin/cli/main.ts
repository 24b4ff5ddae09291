import { parseArgs } from "node:util";
import { closeControl } from "#db/control.ts";
import { Refusal, refusalResult } from "#db/errors.ts";
import { closeFleet } from "#db/fleet.ts";
import { controlFault } from "#db/fleet-pools.ts";
import { findActor } from "./actor.ts";
import type { Command, Output } from "./command.ts";
import { findCommand, isNoun, listCommands } from "./commands.ts";
import { findControl } from "./control.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { commandHelp, help } from "./help.ts";
import { JobFailure } from "./wait.ts";

// Faces of the verbs in db/, and nothing of its own: parse, act, print. Results go to standard output, faults to standard error.

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const asJson = args.includes("--json");
  try {
    const output = await answer(args);
    process.stdout.write(`${asJson ? JSON.stringify(output.json, null, 2) : output.text}\n`);
    return output.exitCode ?? 0;
  } catch (error) {
    return explain(controlFault(error, process.env.DATABASE_URL) ?? error, asJson);
  } finally {
    await closeFleet();
    await closeControl();
  }
}

async function answer(args: string[]): Promise<Output> {
  const command = await findCommand(args);
  if (!command) return await helpOrRefuse(args);
  const rest = args.slice(command.name.split(" ").length);
  const { positionals, values } = parseOptions(command, rest);
  if (values.help === true) return { json: describe(command), text: commandHelp(command) };
  const { isPrivate } = await findControl();
  const actor = await findActor(!isPrivate && !command.beforeAnybody);
  return await command.run(actor, { positionals, options: values });
}

async function helpOrRefuse(args: string[]): Promise<Output> {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const [first, second] = words;
  if (first === undefined || first === "help" || (isNoun(first) && second === undefined)) {
    const commands = await listCommands(first === "help" ? second : first);
    return { json: { commands: commands.map(describe) }, text: help(commands) };
  }
  throw new Refusal("invalid", `There is no command ${words.slice(0, 2).join(" ")}.`, { fix: "See caretaker help." });
}

function parseOptions(command: Command, args: string[]) {
  try {
    return parseArgs({
      args,
      options: { ...command.options, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
  } catch (error) {
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new Refusal("invalid", `${sentence}.`, {
      fix: `Usage: caretaker ${command.name} ${command.usage}`,
      cause: error,
    });
  }
}

function describe({ name, usage, summary }: Command) {
  return { name, usage, summary };
}

function explain(error: unknown, asJson: boolean): number {
  const code = error instanceof Refusal ? exitCodeOf[error.code] : 1;
  if (asJson) process.stderr.write(`${JSON.stringify(failureOf(error))}\n`);
  else if (error instanceof Refusal) {
    const fields = Object.entries(error.fieldErrors ?? {}).map(([field, fault]) => `\n  ${field}: ${fault}`);
    process.stderr.write(`caretaker: ${error.message}${fields.join("")}${error.fix ? `\n${error.fix}` : ""}\n`);
  } else if (error instanceof JobFailure) process.stderr.write(`caretaker: ${error.message}\n`);
  else process.stderr.write(`caretaker: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return code;
}

function failureOf(error: unknown) {
  if (error instanceof Refusal) return refusalResult(error);
  return { ok: false, code: "failed", message: error instanceof Error ? error.message : String(error) };
}
