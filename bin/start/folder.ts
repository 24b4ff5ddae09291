import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "#db/errors.ts";
import { serverAccount } from "#db/local/account.ts";
import { makeFolder } from "#db/local/home.ts";

/**
 * Makes the data folder, for its owner alone. Where PostgreSQL runs as another user it may be passed through (0711),
 * and everything in it is closed by itself.
 */
export async function makeDataFolder(data: string): Promise<void> {
  await makeFolder(data, (await serverAccount()) ? 0o711 : 0o700);
}

/**
 * The master key that seals the credentials of managed servers: the configured one, else one made at the first run.
 * One that is there and cannot be read is never replaced: it is the only one that opens them.
 */
export async function masterKey(data: string): Promise<string> {
  if (process.env.CARETAKER_KEY) return process.env.CARETAKER_KEY;
  const file = join(data, "key");
  const kept = await readKey(file);
  if (kept !== null) return kept;
  const key = randomBytes(32).toString("base64");
  await writeWhole(file, `${key}\n`);
  return key;
}

/** Null where there is none yet. */
async function readKey(file: string): Promise<string | null> {
  let cause: unknown;
  try {
    const key = (await readFile(file, "utf8")).trim();
    if (Buffer.from(key, "base64").length === 32) return key;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    cause = error;
  }
  throw new Refusal("forbidden", `The master key ${file} cannot be read.`, {
    fix: "Let this user read it, or put it back from a copy: the sealed credentials open with no other key.",
    cause,
  });
}

/** Writes a private file so that a killed process leaves the old one or the new one, never half. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}
