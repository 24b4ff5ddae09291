import type { BundleHead } from "#db/audit/proof/bundle.ts";
import { type Checkpoint, noteHash, openCheckpoint, type VerifierKey } from "#db/audit/proof/note.ts";
import { isConsistent } from "#db/audit/proof/tree.ts";

/** Why the later checkpoint's log is not the one that the earlier checkpoint spoke of; null when it is. */
export function chainProblem(
  previous: Checkpoint,
  later: Checkpoint,
  earlier: BundleHead["earlier"],
  keys: readonly VerifierKey[],
): string | null {
  const fork = `The log was forked: it is not the one that the checkpoint of ${previous.time} spoke of.`;
  if (previous.size > later.size)
    return `The checkpoint of ${previous.time} speaks of more entries (${previous.size}) than the proof's (${later.size}): the log was put back.`;
  if (previous.size === later.size) return previous.root.equals(later.root) ? null : fork;
  const paths = earlier.map(({ note, path }) => ({ note, path, checkpoint: openCheckpoint(note, keys) }));
  const same = paths.find(({ checkpoint }) => checkpoint.size === previous.size);
  if (!same)
    return `The proof brings no path from the checkpoint of ${previous.time}: ask for one from ${previous.size} entries.`;
  const path = same.path.map((hash) => Buffer.from(hash, "base64"));
  if (!isConsistent(previous, later, path)) return fork;
  const linked = later.previous === noteHash(same.note) || paths.some(({ note }) => later.previous === noteHash(note));
  return linked ? null : "The proof's checkpoint does not name the one before it that the proof brings.";
}
