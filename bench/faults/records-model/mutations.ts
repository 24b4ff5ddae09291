import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** A check of the console that is taken out of its source, by its text. */
interface Mutation {
  /** Beneath db/records. */
  file: string;
  edits: [from: string, to: string][];
}

/** The model is worth only what it notices: without any of these it must find a violation. */
export const mutations: Record<string, Mutation> = {
  "a live row holds the value": {
    file: "restore/check/uniques.ts",
    edits: [['await note(work, table, "unique_clash", withLive(work, table, shape, key, unique));', ""]],
  },
  "rows of the plan want one value": {
    file: "restore/check/uniques.ts",
    edits: [['await note(work, table, "unique_clash", amongThemselves(work, table, shape, unique));', ""]],
  },
  "a live row has the key": {
    file: "restore/check/uniques.ts",
    edits: [["if (unique.primary) await findLive(work, table, shape, key, unique);", "if (unique.primary) continue;"]],
  },
  "the parent went too": {
    file: "restore/evaluate.ts",
    edits: [["await checkParents(work, table, table.shape);", ""]],
  },
  "what hangs from a row that is left": {
    file: "restore/evaluate.ts",
    edits: [["await skipWhatHangs(work);", ""]],
  },
  "the plan still holds": {
    file: "restore/at-once.ts",
    edits: [["if (made.hash !== plan)", "if (made.hash === '')"]],
  },
  "children come with their parent": {
    file: "restore/load/load.ts",
    edits: [["await takeChildren(work);", ""]],
  },
  "a child that was taken has children of its own": {
    file: "restore/load/children.ts",
    edits: [["for (let found = 1; found > 0; ) {", "for (let found = 1; found > 0; found = 0) {"]],
  },
  "children went in the same transaction": {
    file: "restore/load/children.ts",
    edits: [
      ["(xact, ", "("],
      ["SELECT r.xact, ", "SELECT "],
      ["WHERE r.xact IS NOT NULL)`", "WHERE r.xact IS NOT NULL) OR created_at > now() - interval '2 minutes'`"],
    ],
  },
  "the newest removal of a row": {
    file: "restore/load/read-entries.ts",
    edits: [["AS aged WHERE age > 1)", "AS aged WHERE false)"]],
  },
  "a removed row comes back without its mark": {
    file: "restore/load/take-removed.ts",
    edits: [["THEN jsonb_build_object(t.mark, t.unset) ELSE '{}' END", "THEN '{}'::jsonb ELSE '{}' END"]],
  },
  "a row that points elsewhere by now": {
    file: "restore/load/links.ts",
    edits: [['const cleared = "to_jsonb(t) @> lost.became";', 'const cleared = "true";']],
  },
  "a row that was made anew never pointed there": {
    file: "restore/load/links.ts",
    edits: [["AND gone.action = 'delete' AND gone.id > log.id)", "AND gone.action = 'nothing')"]],
  },
  "an undo takes pointers before what they point to": {
    file: "restore/check/since.ts",
    edits: [["const pointing = `", "const pointing = `false AND "]],
  },
  "an undo takes children before their parents": {
    file: "restore/write/steps.ts",
    edits: [["(undoing ? order.toReversed() : order)", "order"]],
  },
  "an undo leaves what others came to hang from": {
    file: "restore/evaluate.ts",
    edits: [["if (work.undoing) await checkSince(work);", ""]],
  },
  "a receipt says that the row was written": {
    file: "restore/write/proof.ts",
    edits: [["done_at = clock_timestamp()", "done_at = NULL"]],
  },
  "a row that was made again is not in the bin": {
    file: "bin/rows-hard.ts",
    edits: [["[neverCreatedAgain, ", '["true", ']],
  },
};

/** Plays cases with one check taken out. Answers whether the model noticed; `seed` makes it the same cases every time. */
export async function isNoticed(name: string, seed: number, runs: number): Promise<boolean> {
  const given = [
    "--import",
    join(import.meta.dirname, "mutate.ts"),
    join(import.meta.dirname, "../run.ts"),
    ...["records-model", "--size", "small", "--seed", String(seed)],
  ];
  const env = { ...process.env, CARETAKER_MUTATION: name, CARETAKER_MODEL_RUNS: String(runs) };
  try {
    await promisify(execFile)(process.execPath, given, { env, maxBuffer: 64 * 1024 * 1024 });
    return false;
  } catch (error) {
    const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
    // Anything but violations, such as a mutation that does not apply, is a fault of the run itself.
    if (!said.includes("1 violations")) throw error;
    return true;
  }
}
