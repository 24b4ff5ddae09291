// A sealed secret is text: "v1.KEYID.WRAPPED.SECRET", the last two base64url of nonce (12 bytes), tag (16) and ciphertext.
// SECRET is under a data key of its own, WRAPPED is that data key under the master key; both are bound to the context.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { currentKey, keyWithId, type MasterKey } from "./keys.ts";

interface Sealed {
  keyId: string;
  wrapped: Buffer;
  secret: Buffer;
}

/** Seals a secret for one row: `context` is that row's id, and the text opens for no other. */
export function seal(plaintext: string, context: string): string {
  const dataKey = randomBytes(32);
  const secret = encrypt(dataKey, Buffer.from(plaintext, "utf8"), `secret ${context}`);
  return join(currentKey(), dataKey, secret, context);
}

/** @throws Refusal `conflict` when the key is not configured, Error when the context is another row's, or a single bit was changed. */
export function unseal(sealed: string, context: string): string {
  const parts = split(sealed);
  return decrypt(dataKeyOf(parts, context), parts.secret, `secret ${context}`).toString("utf8");
}

/** The master key that a sealed secret is under. */
export function keyIdOf(sealed: string): string {
  return split(sealed).keyId;
}

/** The same secret with its data key under the current master key; the secret itself is never decrypted. */
export function rewrap(sealed: string, context: string): string {
  const parts = split(sealed);
  return join(currentKey(), dataKeyOf(parts, context), parts.secret, context);
}

function join(master: MasterKey, dataKey: Buffer, secret: Buffer, context: string): string {
  const wrapped = encrypt(master.key, dataKey, `data key ${master.id} ${context}`);
  return ["v1", master.id, wrapped.toString("base64url"), secret.toString("base64url")].join(".");
}

function dataKeyOf({ keyId, wrapped }: Sealed, context: string): Buffer {
  return decrypt(keyWithId(keyId).key, wrapped, `data key ${keyId} ${context}`);
}

function split(sealed: string): Sealed {
  const [version, keyId, wrapped, secret, ...rest] = sealed.split(".");
  if (version !== "v1" || !keyId || !wrapped || !secret || rest.length > 0) {
    throw new Error("A sealed secret is damaged: it is not of the form v1.key.wrapped.secret.");
  }
  return { keyId, wrapped: Buffer.from(wrapped, "base64url"), secret: Buffer.from(secret, "base64url") };
}

function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, box: Buffer, context: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(context)).setAuthTag(box.subarray(12, 28));
  return Buffer.concat([decipher.update(box.subarray(28)), decipher.final()]);
}
