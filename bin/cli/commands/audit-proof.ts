import { readFile } from "node:fs/promises";
import { z } from "zod";
import { sizeOfNote } from "#db/audit/proof/note.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { publishCheckpoints, publishedCheckpoints } from "#db/audit/proof/publish.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { proofStandings, publicKeys } from "#db/audit/proof/standing.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { type Command, parse, text } from "../command.ts";
import { somethingFound } from "../exit-codes.ts";
import { findDatabaseId } from "../find.ts";

const databaseOption = { database: { type: "string" } } as const;

const prove: Command = {
  name: "audit prove",
  usage: "EXPORT.ndjson [--previous CHECKPOINT]",
  summary: "Write the proof file of a lossless export, for bin/verify",
  options: { previous: { type: "string" } },
  async run(actor, input) {
    const [lines] = parse(z.tuple([z.string().min(1)]), input.positionals);
    const previous = text(input, "previous");
    const earlier = previous === undefined ? [] : [sizeOfNote(await readFile(previous, "utf8"))];
    const target = `${lines}.proof`;
    const proved = await writeProof(actor, { lines, target, earlier });
    const unsealed = proved.unsealed > 0 ? ` ${proved.unsealed} are newer than the last seal and not in it.` : "";
    const unknown = proved.recorded
      ? ""
      : " The console has no record of this export, so that the proof does not say what it was asked for.";
    return { json: { file: target, ...proved }, text: `${target}: ${proved.entries} entries.${unsealed}${unknown}` };
  },
};

const key: Command = {
  name: "audit key",
  usage: "",
  summary: "Print the public keys that checkpoints are signed with",
  options: {},
  async run(actor) {
    const keys = await publicKeys(actor);
    return { json: { keys }, text: keys.join("\n") };
  },
};

const checkpoint: Command = {
  name: "audit checkpoint",
  usage: "--database NAME|console",
  summary: "Seal a log now and print its newest signed checkpoint",
  options: databaseOption,
  async run(actor, input) {
    const databaseId = await databaseOf(actor, text(input, "database"));
    await sealLog(actor, databaseId);
    await publishCheckpoints(actor, databaseId);
    const standing = (await proofStandings(actor)).find((one) => one.databaseId === databaseId);
    return { json: { standing }, text: standing?.checkpoint?.note.trimEnd() ?? "Nothing is signed yet." };
  },
};

const verify: Command = {
  name: "audit verify",
  usage: "--database NAME|console",
  summary: "Compare a log with its tree, its checkpoints and their published copies",
  options: databaseOption,
  async run(actor, input) {
    const databaseId = await databaseOf(actor, text(input, "database"));
    const found = await verifyLog(actor, databaseId, { published: await publishedCheckpoints(databaseId) });
    const findings = found.findings.map(({ kind, message }) => `${kind}: ${message}`);
    const { verdict, entries, archived, size, findingCount } = found;
    const head = `${verdict}: ${entries} entries and ${archived} of archived months against ${size} leaves, ${findingCount} findings`;
    return {
      json: found,
      text: [head, ...findings].join("\n"),
      exitCode: verdict === "good" ? 0 : somethingFound,
    };
  },
};

async function databaseOf(actor: Parameters<Command["run"]>[0], name: string | undefined): Promise<string> {
  const given = parse(z.string().min(1), name);
  return given === "console" ? given : findDatabaseId(actor, given);
}

export const proofCommands: Command[] = [prove, key, checkpoint, verify];
