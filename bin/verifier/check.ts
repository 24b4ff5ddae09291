import { rootOfProof } from "#db/audit/proof/bundle.ts";
import { LineRow } from "#db/audit/proof/line-row.ts";
import { type Checkpoint, noteHash, openCheckpoint, originOf, type VerifierKey } from "#db/audit/proof/note.ts";
import { readExport } from "#db/audit/proof/read-export.ts";
import { hashBytes, leafInto } from "#db/audit/proof/sha.ts";
import { openStatement, type Statement } from "#db/audit/proof/statement.ts";
import { chainProblem } from "./chain.ts";
import { erased, erasedSeen, seen } from "./entry-places.ts";
import { type ProofPart, readProof } from "./read-proof.ts";

export interface Checked {
  database: string;
  origin: string;
  entries: number;
  /** Entries whose values were erased, as the console signed: what their lines say is not proven. */
  erased: number;
  /** The first of them. */
  erasedLines: ErasedLine[];
  /** Entries of the log between the first and the last of the file that the file does not hold. */
  between: number;
  /** Entries of the log before the first of the file, and after the last. */
  before: number;
  after: number;
  /** What the console signed that the file was asked for with; null when it signed nothing of it. */
  filter: string | null;
  /** When the checkpoint was signed, and how many entries it speaks of. */
  time: string;
  size: number;
}

export interface ErasedLine {
  line: number;
  entry: string;
}

/** Thrown with the first thing that is wrong: one sentence. */
export class Failure extends Error {}

export interface Task {
  lines: string;
  proof: string;
  keys: VerifierKey[];
  previous: string[];
  /** Whether entries of the log between the first and the last of the file must all be in it. */
  whole?: boolean;
}

/** @throws Failure */
export async function checkExport(task: Task): Promise<Checked[]> {
  const parts = await readProof(task.proof).catch(asFailure("The proof can not be read"));
  const opened = new Map([...parts].map(([id, part]) => [id, open(part, task.keys)]));
  const { erasedLines, sha256 } = checkEntries(task.lines, parts);
  const checked = [...parts].map(([id, part]) => {
    const checkpoint = opened.get(id) ?? open(part, task.keys);
    const statement = checkStatement(part, task.keys, sha256);
    return conclude(part, checkpoint, { erasedLines: erasedLines.get(part) ?? [], statement });
  });
  if (task.whole) checkWhole(checked);
  for (const note of task.previous) checkPrevious(note, task.keys, [...parts.values()], [...opened.values()]);
  return checked;
}

function asFailure(what: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Failure) throw error;
    throw new Failure(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
}

function readOr<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return asFailure(what)(error);
  }
}

function open(part: ProofPart, keys: readonly VerifierKey[]): Checkpoint {
  const { checkpoint, database } = part.head;
  const opened = readOr("The proof's checkpoint is not valid", () => openCheckpoint(checkpoint, keys));
  if (opened.origin !== originOf(database))
    throw new Failure(
      `The proof calls its entries those of the database ${database}, and its checkpoint speaks of ${opened.origin}.`,
    );
  return opened;
}

/** How many lines with erased values are named. */
const namedMax = 100;

/** Answers which lines hold erased values, and the SHA-256 of all lines but the closing one. */
function checkEntries(
  path: string,
  parts: ReadonlyMap<string, ProofPart>,
): { erasedLines: Map<ProofPart, ErasedLine[]>; sha256: string } {
  const erasedLines = new Map<ProofPart, ErasedLine[]>();
  let part: ProofPart | undefined;
  let database = "";
  const row = new LineRow();
  const ends = readOr("The export can not be read", () =>
    readExport(path, {
      database(id) {
        database = id;
        part = parts.get(id);
      },
      entry(bytes, from, to, number) {
        // A log that nothing is sealed of has no part, and then no entry either.
        if (!part) throw new Failure(`The proof does not speak of the database ${database}.`);
        try {
          row.read(bytes, from, to);
          const found = checkEntry(row, part, number);
          if (!found.isErased) return;
          const named = erasedLines.get(found.part) ?? [];
          erasedLines.set(found.part, named);
          if (named.length < namedMax) named.push({ line: number, entry: row.id });
        } catch (error) {
          asFailure(`Line ${number} is no entry`)(error);
        }
      },
    }),
  );
  if (!ends.closing) throw new Failure("The export has no closing line: it was cut off.");
  for (const { places } of parts.values()) {
    const { missing } = places;
    if (missing !== undefined)
      throw new Failure(`Entry ${places.idAt(missing)} was exported and is missing from the file.`);
  }
  if (ends.closing.rows !== String(ends.entries) || ends.closing.sha256 !== ends.sha256)
    throw new Failure("The export is not what its closing line says: lines were added, removed or moved.");
  return { erasedLines, sha256: ends.sha256 };
}

function checkEntry(row: LineRow, part: ProofPart | undefined, number: number): { part: ProofPart; isErased: boolean } {
  const at = part?.places.find(row.bytes, 0);
  if (!part || at === undefined)
    throw new Failure(`Line ${number}: entry ${row.id} is not in the log that the proof speaks of.`);
  const { states, values, marks } = part.places;
  const state = states[at];
  if (state === seen || state === erasedSeen)
    throw new Failure(`Line ${number}: entry ${row.id} is in the file twice.`);
  if (state === erased) {
    states[at] = erasedSeen;
    return { part, isErased: true };
  }
  leafInto(values, at * hashBytes, { bytes: values, at: at * hashBytes }, row.bytes, 0, row.length);
  if (values.readUInt32BE(at * hashBytes) !== marks[at])
    throw new Failure(`Line ${number}: entry ${row.id} is not what was sealed: it was changed.`);
  states[at] = seen;
  return { part, isErased: false };
}

/**
 * An erased entry can not be recomputed, so that whoever writes the proof could call any entry erased: the console must have signed it.
 * `sha256` is that of the export. Null when there is no statement, and none is needed.
 */
function checkStatement(
  { head, places, statement }: ProofPart,
  keys: readonly VerifierKey[],
  sha256: string,
): Statement | null {
  const { entries, list } = places.erasedList().end();
  if (statement === null) {
    if (entries === 0) return null;
    throw new Failure(
      `The proof calls ${entries} entries erased, and brings no signature of the console for it: have it written anew.`,
    );
  }
  const said = readOr("What the console signed about the proof is not valid", () =>
    openStatement(head.database, statement, keys),
  );
  if (said.checkpoint !== noteHash(head.checkpoint))
    throw new Failure("What the console signed about the proof belongs to another checkpoint.");
  if (said.erased.list !== list)
    throw new Failure(
      `The proof calls ${entries} entries erased, and the console signed ${said.erased.entries}: they are not the same.`,
    );
  if (said.export && said.export.sha256 !== sha256)
    throw new Failure(`The console signed the proof for another file than this one, the export ${said.export.id}.`);
  return said;
}

function conclude(
  { head, places, hashes }: ProofPart,
  { origin, size, root, time }: Checkpoint,
  { erasedLines, statement }: { erasedLines: ErasedLine[]; statement: Statement | null },
): Checked {
  const { indexes } = places;
  const found = rootOfProof(indexes, places.values, hashes, size);
  if (!found?.equals(root))
    throw new Failure(`The proof of ${head.database} does not lead to its checkpoint: one of the two was made up.`);
  const first = indexes[0];
  const last = indexes[places.count - 1];
  const span = first === undefined || last === undefined ? 0 : last - first + 1;
  return {
    database: head.database,
    origin,
    entries: places.count,
    erased: places.states.reduce((sum, state) => sum + (state === erasedSeen ? 1 : 0), 0),
    erasedLines,
    between: span - places.count,
    before: first ?? 0,
    after: last === undefined ? size : size - last - 1,
    filter: statement?.export?.filter ?? null,
    time,
    size,
  };
}

function checkWhole(checked: readonly Checked[]): void {
  const partial = checked.find(({ between }) => between > 0);
  if (partial)
    throw new Failure(
      `${partial.origin} has ${partial.between} more between the first and the last entry of the export, which are not in it.`,
    );
}

function checkPrevious(
  note: string,
  keys: readonly VerifierKey[],
  parts: readonly ProofPart[],
  checkpoints: readonly Checkpoint[],
): void {
  let previous: Checkpoint;
  try {
    previous = openCheckpoint(note, keys);
  } catch (error) {
    throw new Failure(`The earlier checkpoint is not valid: ${error instanceof Error ? error.message : String(error)}`);
  }
  const at = checkpoints.findIndex(({ origin }) => origin === previous.origin);
  const [part, checkpoint] = [parts[at], checkpoints[at]];
  if (!part || !checkpoint) throw new Failure(`The earlier checkpoint speaks of another log, ${previous.origin}.`);
  const problem = chainProblem(previous, checkpoint, part.head.earlier, keys);
  if (problem) throw new Failure(problem);
}
