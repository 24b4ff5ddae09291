/** What lies under a key. */
export interface StoredObject {
  key: string;
  bytes: number;
  /** ISO 8601. */
  storedAt: string;
}

export interface Checked {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Files kept outside every database: archived months, exports, published checkpoints. A key's content never changes: it is put
 * whole or not at all, and putting other content under the same key is refused.
 */
export interface ObjectStore {
  /** Where it is, for people: a folder, or s3://bucket/prefix. */
  readonly place: string;
  /**
   * Stores a file of this machine, which must not be written to any more: a folder on the same disk takes it as it is. Once it
   * answers, the object is there whole, also after a power failure. The same content again changes nothing.
   *
   * @throws Refusal `conflict` when the key holds other content, `unreachable` when the place does not answer.
   */
  put(key: string, file: string, signal?: AbortSignal): Promise<Checked>;
  /** As `put`, for what fits into memory. */
  putText(key: string, text: string, signal?: AbortSignal): Promise<Checked>;
  /** The object's bytes as they are stored now. @throws Refusal `not_found`. */
  read(key: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Null when there is none. */
  find(key: string): Promise<StoredObject | null>;
  /** Every object whose key begins with the prefix, by key. */
  list(prefix: string): Promise<StoredObject[]>;
  /** Removing what is not there is no error. */
  remove(key: string): Promise<void>;
  /** The object's own file on this machine, when the store has one there: only for reading. */
  fileOf(key: string): string | null;
}

const shape = /^[A-Za-z0-9_=+-][A-Za-z0-9._=+-]*(\/[A-Za-z0-9_=+-][A-Za-z0-9._=+-]*)*$/;

/** Keys are made by us, of parts that no file system and no server takes for anything else. */
export function checkedKey(key: string): string {
  if (key.length <= 500 && shape.test(key)) return key;
  throw new Error(`An object's key is impossible: ${key.slice(0, 80)}.`);
}
