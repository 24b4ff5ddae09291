import { createHash } from "node:crypto";
import { openNote, type SigningKey, signNote, type VerifierKey } from "./note.ts";

// What the console signs about one database's part of a proof file, as a signed note: "caretaker/proof/<database id>", then JSON.
// Erased entries can not be recomputed from their lines, and no hash tells which entries an export was asked for: this alone says so.

export interface Statement {
  /** SHA-256 of the whole checkpoint that the proof leads to, in base64. */
  checkpoint: string;
  /** How many entries were erased, and the digest of their list, in base64. */
  erased: { entries: number; list: string };
  /**
   * The export, when the console has it on record and the file is the recorded one: the SHA-256 of all before its closing line,
   * hexadecimal, and the filter it was asked for with, as the search params of the audit page.
   */
  export: { id: string; sha256: string; filter: string } | null;
}

const head = /^caretaker\/proof\/([^\n]+)\n(\{[^\n]*\})\n$/;

export function signStatement(databaseId: string, statement: Statement, key: SigningKey): string {
  return signNote(`caretaker/proof/${databaseId}\n${JSON.stringify(statement)}\n`, key);
}

/** @throws Error when it is not signed by any of the keys, or speaks of another database. */
export function openStatement(databaseId: string, note: string, keys: readonly VerifierKey[]): Statement {
  const [, database, body] = head.exec(openNote(note, keys)) ?? [];
  if (body === undefined) throw new Error("This is no statement about a proof.");
  if (database !== databaseId) throw new Error(`It speaks of the database ${database}.`);
  return JSON.parse(body);
}

/** The list of a proof's erased entries, in the order of the tree: of each its index and its id in 8 bytes each, and its leaf. */
export class ErasedList {
  entries = 0;
  readonly #hash = createHash("sha256");
  readonly #index = Buffer.alloc(8);

  add(index: number, id: Uint8Array, leaf: Uint8Array): void {
    this.entries += 1;
    this.#index.writeBigUInt64BE(BigInt(index));
    this.#hash.update(this.#index).update(id).update(leaf);
  }

  /** Nothing can be added afterwards. */
  end(): Statement["erased"] {
    return { entries: this.entries, list: this.#hash.digest("base64") };
  }
}
