import type { Command } from "./command.ts";
import { commands } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { table } from "./table.ts";

/** All commands, or those of one noun. */
export function help(noun?: string): string {
  const shown = noun ? commands.filter(({ name }) => name.split(" ")[0] === noun) : commands;
  return [
    "Usage: caretaker COMMAND [OPTIONS]",
    "",
    table(
      [
        { title: "command", value: ({ name }: Command) => name },
        { title: "", value: ({ summary }) => summary },
      ],
      shown,
    ),
    "",
    "Every command takes --json, for output of a stable shape, and --help.",
    "",
    "CARETAKER_TOKEN holds your API token; on the private cluster of npm start none is needed.",
    "DATABASE_URL and CARETAKER_KEY name another control database than that one.",
    "",
    "Exit codes:",
    ...exitCodes.map(({ code, meaning }) => `  ${code}  ${meaning}`),
  ].join("\n");
}

export function commandHelp(command: Command): string {
  return [
    `Usage: caretaker ${command.name} ${command.usage}`,
    "",
    `${command.summary}.`,
    "",
    "--json prints JSON.",
  ].join("\n");
}
