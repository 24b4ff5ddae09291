import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

// Signed notes (c2sp.org/signed-note) that hold a checkpoint of a log (c2sp.org/tlog-checkpoint).

export interface Checkpoint {
  /** Which log: its name, unlike any other's. */
  origin: string;
  size: number;
  root: Buffer;
  /** ISO 8601. */
  time: string;
  /** SHA-256 of the whole signed note before this one, in base64; null for a log's first. */
  previous: string | null;
}

/** The name of a database's log. Who reads a checkpoint knows by it whose entries it speaks of. */
export function originOf(databaseId: string): string {
  return `caretaker/audit/${databaseId}`;
}

const shape =
  /^(?<origin>[^\n]+)\n(?<size>\d{1,15})\n(?<root>[A-Za-z0-9+/]{43}=)\ntime (?<time>\S+)\nprevious (?<previous>\S+)\n$/;

function textOf({ origin, size, root, time, previous }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString("base64")}\ntime ${time}\nprevious ${previous ?? "none"}\n`;
}

export interface SigningKey {
  /** Without spaces or plus signs. */
  name: string;
  privateKey: KeyObject;
}

export interface VerifierKey {
  name: string;
  id: Buffer;
  publicKey: KeyObject;
}

const algorithm = Buffer.from([1]);
/** What stands before the 32 bytes of an Ed25519 public key in its DER form. */
const spki = Buffer.from("302a300506032b6570032100", "hex");

function keyId(name: string, publicBytes: Buffer): Buffer {
  return createHash("sha256").update(`${name}\n`).update(algorithm).update(publicBytes).digest().subarray(0, 4);
}

function publicBytesOf(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(spki.length);
}

/** The public key as one line: NAME+ID+KEY, the format of Go's note package. */
export function verifierLine({ name, privateKey }: SigningKey): string {
  const bytes = publicBytesOf(privateKey);
  return `${name}+${keyId(name, bytes).toString("hex")}+${Buffer.concat([algorithm, bytes]).toString("base64")}`;
}

/** @throws Error when the line is not an Ed25519 key in this format. */
export function readVerifier(line: string): VerifierKey {
  const parts = /^(?<name>[^\s+]+)\+(?<id>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/=]+)$/.exec(line.trim())?.groups;
  const bytes = Buffer.from(parts?.key ?? "", "base64");
  const name = parts?.name ?? "";
  const id = keyId(name, bytes.subarray(1));
  if (bytes.length !== 33 || bytes[0] !== 1 || id.toString("hex") !== parts?.id)
    throw new Error("This is no public key of a log: it reads NAME+ID+KEY.");
  const publicKey = createPublicKey({ key: Buffer.concat([spki, bytes.subarray(1)]), format: "der", type: "spki" });
  return { name, id, publicKey };
}

export function signingKey(name: string, pem: string): SigningKey {
  return { name, privateKey: createPrivateKey(pem) };
}

export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): string {
  return signNote(textOf(checkpoint), key);
}

/** A signed note over any text that ends with a line feed. */
export function signNote(text: string, key: SigningKey): string {
  const id = keyId(key.name, publicBytesOf(key.privateKey));
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), key.privateKey)]).toString("base64");
  return `${text}\n— ${key.name} ${signature}\n`;
}

/** The text of a signed note. @throws Error when it is damaged or not signed by any of these keys. */
export function openNote(note: string, keys: readonly VerifierKey[]): string {
  const { text, signed } = readNote(note, keys);
  if (text === null) throw new Error("This is no signed note.");
  if (!signed) throw new Error("It is not signed by the key given, or its text was changed.");
  return text;
}

function readNote(note: string, keys: readonly VerifierKey[]): { text: string | null; signed: boolean } {
  const end = note.indexOf("\n\n— ");
  if (end < 0) return { text: null, signed: false };
  const text = note.slice(0, end + 1);
  const signatures = note.slice(end + 2).split("\n");
  return { text, signed: signatures.some((line) => keys.some((key) => isSignature(line, text, key))) };
}

/** What the next checkpoint says about this one. */
export function noteHash(note: string): string {
  return createHash("sha256").update(note).digest("base64");
}

/** @throws Error when the note is damaged or not signed by any of these keys. */
export function openCheckpoint(note: string, keys: readonly VerifierKey[]): Checkpoint {
  const { text, signed } = readNote(note, keys);
  const found = shape.exec(text ?? "")?.groups;
  if (!found) throw new Error("This is no checkpoint of an audit log.");
  if (!signed) throw new Error("The checkpoint is not signed by the key given.");
  const { origin = "", size, root = "", time = "", previous = "" } = found;
  return {
    origin,
    size: Number(size),
    root: Buffer.from(root, "base64"),
    time,
    previous: previous === "none" ? null : previous,
  };
}

function isSignature(line: string, text: string, { name, id, publicKey }: VerifierKey): boolean {
  const [dash, by, base64 = ""] = line.split(" ");
  const bytes = Buffer.from(base64, "base64");
  if (dash !== "—" || by !== name || bytes.length !== 68 || !bytes.subarray(0, 4).equals(id)) return false;
  return verify(null, Buffer.from(text), publicKey, bytes.subarray(4));
}

/** Of how many entries a checkpoint speaks; not whether it is genuine. @throws Error when it is none. */
export function sizeOfNote(note: string): number {
  const size = /^[^\n]+\n(\d{1,15})\n/.exec(note)?.[1];
  if (size === undefined) throw new Error("This is no checkpoint of an audit log.");
  return Number(size);
}
