import { generateKeyPairSync, randomUUID } from "node:crypto";
import type pg from "pg";
import { controlPool } from "../../control.ts";
import { seal, unseal } from "../../secrets/seal.ts";
import { readVerifier, type SigningKey, signingKey, type VerifierKey, verifierLine } from "./note.ts";
import type { Reader } from "./tiles.ts";

const name = "caretaker-audit";

/** The key that signs, made at first use in the caller's transaction. */
export async function currentSigningKey(client: pg.ClientBase): Promise<SigningKey> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('caretaker.seal_keys'))");
  const { rows } = await client.query<{ id: string; sealed: string }>(
    "SELECT id, sealed FROM seal_keys ORDER BY made_at DESC LIMIT 1",
  );
  const [row] = rows;
  return row ? signingKey(name, unseal(row.sealed, row.id)) : makeKey(client);
}

async function makeKey(client: pg.ClientBase): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const key: SigningKey = { name, privateKey };
  const id = randomUUID();
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  await client.query("INSERT INTO seal_keys (id, verifier, sealed) VALUES ($1, $2, $3)", [
    id,
    verifierLine(key),
    seal(pem, id),
  ]);
  return key;
}

/** Every public key, newest first, as lines to hand out. */
export async function verifierLines(client: Reader = controlPool()): Promise<string[]> {
  const { rows } = await client.query<{ verifier: string }>("SELECT verifier FROM seal_keys ORDER BY made_at DESC");
  return rows.map(({ verifier }) => verifier);
}

export async function verifierKeys(client: Reader = controlPool()): Promise<VerifierKey[]> {
  return (await verifierLines(client)).map(readVerifier);
}
