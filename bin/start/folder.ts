import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serverAccount } from "#db/local/account.ts";
import { makeFolder } from "#db/local/home.ts";

/**
 * Makes the data folder, for its owner alone. Where PostgreSQL runs as another user it may be passed through (0711),
 * and everything in it is closed by itself.
 */
export async function makeDataFolder(data: string): Promise<void> {
  await makeFolder(data, (await serverAccount()) ? 0o711 : 0o700);
}

/** The master key that seals the credentials of managed servers: the configured one, else one made at the first run. */
export async function masterKey(data: string): Promise<string> {
  if (process.env.CARETAKER_KEY) return process.env.CARETAKER_KEY;
  const file = join(data, "key");
  const kept = await readFile(file, "utf8").catch(() => null);
  if (kept) return kept.trim();
  const key = randomBytes(32).toString("base64");
  await writeWhole(file, `${key}\n`);
  return key;
}

/** Writes a private file so that a killed process leaves the old one or the new one, never half. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text, { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}
