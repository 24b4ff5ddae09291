import { resolve } from "node:path";
import { z } from "zod";
import { sizeOfNote } from "#db/audit/proof/note.ts";
import { keptCheckpoints } from "#db/audit/proof/places/kept.ts";
import { writeProof } from "#db/audit/proof/prove.ts";
import { publishCheckpoints } from "#db/audit/proof/publish.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { proofStandings, publicKeys } from "#db/audit/proof/standing.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { type Command, only, parse, readNamedFile, text } from "../command.ts";
import { somethingFound } from "../exit-codes.ts";
import { findDatabaseId } from "../find.ts";

const databaseOption = { database: { type: "string" } } as const;

const prove: Command = {
  name: "audit prove",
  usage: "EXPORT.ndjson [--previous CHECKPOINT]",
  summary: "Write the proof file of a lossless export, for bin/verify",
  options: { previous: { type: "string" } },
  async run(actor, input) {
    const lines = resolve(process.env.PWD ?? ".", only(input, "the export's file"));
    const previous = text(input, "previous");
    const earlier = previous === undefined ? [] : [sizeOfNote(await readNamedFile(previous))];
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
  usage: "--database NAME|console [--previous CHECKPOINT]...",
  summary: "Compare a log with its tree, its checkpoints, their published copies and such as you kept yourself",
  options: { ...databaseOption, previous: { type: "string", multiple: true } },
  async run(actor, input) {
    const databaseId = await databaseOf(actor, text(input, "database"));
    const own = await Promise.all(
      parse(z.array(z.string()).default([]), input.options.previous).map((file) => readNamedFile(file)),
    );
    const { notes, unread } = await keptCheckpoints(databaseId);
    const found = await verifyLog(actor, databaseId, { published: [...notes, ...own] });
    const findings = found.findings.map(({ kind, message }) => `${kind}: ${message}`);
    const { verdict, entries, archived, size, findingCount } = found;
    const head = `${verdict}: ${entries} entries and ${archived} of archived months against ${size} leaves, ${findingCount} findings`;
    return {
      json: { ...found, unread },
      text: [head, ...findings, ...unread].join("\n"),
      exitCode: verdict === "good" ? 0 : somethingFound,
    };
  },
};

async function databaseOf(actor: Parameters<Command["run"]>[0], name: string | undefined): Promise<string> {
  const given = parse(z.string().min(1), name);
  return given === "console" ? given : findDatabaseId(actor, given);
}

export const proofCommands: Command[] = [prove, key, checkpoint, verify];
