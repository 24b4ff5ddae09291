import { readIsolation } from "#db/databases/isolation/read.ts";
import { runIsolationCheck } from "#db/databases/isolation/run.ts";
import { type Command, flag, only } from "../command.ts";
import { somethingFound } from "../exit-codes.ts";
import { findDatabaseId } from "../find.ts";
import { table } from "../table.ts";

/** It needs no worker, so that a pipeline can run it against a database of its own. */
const check: Command = {
  name: "isolation",
  usage: "DATABASE [--strict] [--stored]",
  summary: "Check whether one tenant reaches another's rows; exits with 9 when it does, with --strict also on warnings",
  options: { strict: { type: "boolean" }, stored: { type: "boolean" } },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, only(input, "the database"));
    if (!flag(input, "stored")) {
      await runIsolationCheck(actor, databaseId, { signal: new AbortController().signal, progress: tell });
    }
    const { run, findings, relations } = await readIsolation(actor, databaseId);
    const open = findings.filter(({ acceptance }) => acceptance === null);
    const counted = (severity: string): number => open.filter((one) => one.severity === severity).length;
    const fails = counted("critical") > 0 || (flag(input, "strict") && counted("warning") > 0);
    const leaking = relations.filter(({ verdict }) => verdict === "leaks").length;
    const unproven = relations.filter(({ verdict }) => verdict === "unproven").length;
    const summary = run
      ? `${leaking} of ${relations.length} tables, views and functions leak; ${unproven} not proven; ${counted("critical")} critical, ${counted("warning")} warnings, ${findings.length - open.length} accepted.`
      : "This database was not checked yet.";
    const shown = open.filter(({ severity }) => severity !== "note");
    const listed = table(
      [
        { title: "severity", value: (one: (typeof shown)[number]) => one.severity },
        { title: "where", value: (one) => (one.name === "" ? "the database" : `${one.schema}.${one.name}`) },
        { title: "what", value: (one) => one.kind },
        { title: "mends it", value: (one) => one.mends?.replaceAll(/\s+/g, " ") ?? null },
      ],
      shown,
    );
    return {
      json: { run, findings, relations },
      text: shown.length > 0 ? `${listed}\n\n${summary}` : summary,
      exitCode: fails ? somethingFound : 0,
    };
  },
};

async function tell(done: number, total: number, line: string): Promise<void> {
  if (process.stderr.isTTY && line !== "") process.stderr.write(`\r\u001b[K${done} of ${total}: ${line}`);
  if (process.stderr.isTTY && line === "") process.stderr.write("\r\u001b[K");
}

export const isolationCommands: Command[] = [check];
