import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { table } from "./table.ts";

export function help(commands: readonly Command[]): string {
  return [
    "Usage: caretaker COMMAND [OPTIONS]",
    "",
    table(
      [
        { title: "command", value: ({ name }: Command) => name },
        { title: "", value: ({ summary }) => summary },
      ],
      commands,
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
