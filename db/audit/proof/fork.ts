import { controlPool } from "../../control.ts";
import type { SealFinding } from "../../schema/proof.ts";
import { verifierKeys } from "./keys.ts";
import { readLog, type SealedLog } from "./log.ts";
import { type Checkpoint, noteHash, openCheckpoint, type VerifierKey } from "./note.ts";
import { tileWidth } from "./salts.ts";
import { hashBytes } from "./sha.ts";
import { leafTiles, type Reader, subtreeReader } from "./tiles.ts";
import { rootOfHashes, rootOfRange, type SubtreeReader } from "./tree.ts";

/** A checkpoint a minute: the last two days. Those before are linked to by them and lie where they were published. */
const chain = 2_880;

/**
 * Whether the tree is the one that its checkpoints speak of: each link of the chain, each signature, each root, and every
 * published copy. A tree that was rebuilt agrees with itself and with no checkpoint from before.
 */
export async function treeFindings(
  databaseId: string,
  log: SealedLog,
  published: readonly string[],
): Promise<SealFinding[]> {
  const pool = controlPool();
  const keys = await verifierKeys(pool);
  const { rows } = await pool.query<{ note: string }>(
    "SELECT note FROM seal_checkpoints WHERE database_id = $1 ORDER BY size DESC LIMIT $2",
    [databaseId, chain],
  );
  const notes = rows.map(({ note }) => note).toReversed();
  // Sealing goes on meanwhile: a checkpoint is not to be held against a tree that was read before it was signed.
  const tree = (await readLog(pool, databaseId)) ?? log;
  const read = subtreeReader(pool, databaseId);
  const findings: SealFinding[] = [...(await tileFindings(pool, log)), ...chainFindings(notes, keys)];
  for (const note of new Set([...notes, ...published])) {
    const finding = await rootFinding(read, tree, note, keys, !notes.includes(note));
    if (finding) findings.push(finding);
  }
  return findings;
}

function chainFindings(notes: readonly string[], keys: readonly VerifierKey[]): SealFinding[] {
  const broken = notes.findIndex((note, at) => {
    const before = notes[at - 1];
    const opened = opens(note, keys);
    if (before === undefined) return opened !== null && opened.previous !== null && notes.length < chain;
    return opened !== null && opened.previous !== noteHash(before);
  });
  if (broken < 0) return [];
  return [forked(`Checkpoint ${broken + 1} of ${notes.length} does not follow the one before it.`)];
}

function opens(note: string, keys: readonly VerifierKey[]): Checkpoint | null {
  try {
    return openCheckpoint(note, keys);
  } catch {
    // The reason is told by `rootFinding`, which opens every note.
    return null;
  }
}

async function rootFinding(
  read: SubtreeReader,
  log: SealedLog,
  note: string,
  keys: readonly VerifierKey[],
  elsewhere: boolean,
): Promise<SealFinding | null> {
  const where = elsewhere ? "A published checkpoint" : "A checkpoint";
  let checkpoint: Checkpoint;
  try {
    checkpoint = openCheckpoint(note, keys);
  } catch (error) {
    return forked(`${where} is not ours: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { origin, size, root, time } = checkpoint;
  if (origin !== log.origin) return forked(`${where} speaks of another log, ${origin}.`);
  if (size > log.size) return forked(`${where} of ${time} speaks of ${size} entries, and the tree has ${log.size}.`);
  const actual = await rootOfRange(read, 0, size);
  return actual.equals(root) ? null : forked(`${where} of ${time} speaks of another tree of ${size} entries.`);
}

/** Whether every tile of level 1 is what its leaves make; those above follow from it. */
async function tileFindings(pool: Reader, log: SealedLog): Promise<SealFinding[]> {
  const read = subtreeReader(pool, log.databaseId);
  for await (const { index, hashes } of leafTiles(pool, log.databaseId, log.size)) {
    if (hashes.length < tileWidth * hashBytes) continue;
    if (!rootOfHashes(hashes, 0, tileWidth).equals(await read(8, index)))
      return [forked(`The leaves of tile ${index} do not make the tree above them.`)];
  }
  return [];
}

function forked(message: string): SealFinding {
  return { kind: "forked", entry: null, message };
}
