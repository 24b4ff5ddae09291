import { createHmac, hkdfSync } from "node:crypto";
import { environment } from "../environment.ts";
import { Refusal } from "../errors.ts";

export interface MasterKey {
  /** Names the key without telling anything about it: 16 hexadecimal digits. */
  id: string;
  key: Buffer;
}

function masterKey(base64: string): MasterKey {
  const key = Buffer.from(base64, "base64");
  if (key.length !== 32) throw new Error("Each key in CARETAKER_KEY_PREVIOUS must be 32 bytes as base64.");
  return { id: createHmac("sha256", key).update("caretaker key id").digest("hex").slice(0, 16), key };
}

/** The key that seals. */
export function currentKey(): MasterKey {
  return masterKey(environment().CARETAKER_KEY);
}

/** The keys that only open, newest first as configured. */
export function previousKeys(): MasterKey[] {
  const keys = environment()
    .CARETAKER_KEY_PREVIOUS.split(",")
    .map((key) => key.trim());
  return keys.filter((key) => key !== "").map(masterKey);
}

/** @throws Refusal `conflict` when no such key is configured. */
export function keyWithId(id: string): MasterKey {
  const found = [currentKey(), ...previousKeys()].find((key) => key.id === id);
  if (!found) throw missingKey(id);
  return found;
}

export function missingKey(id: string): Refusal {
  return new Refusal("conflict", `Secrets are sealed under the master key ${id}, which is not configured.`, {
    fix: "Put that key into CARETAKER_KEY_PREVIOUS, or back into the file key of the data folder, and start again.",
  });
}

/** Keys for other uses, such as signing cookies, independent of one another; the current master key's first. */
export function derivedKeys(purpose: string): string[] {
  return [currentKey(), ...previousKeys()].map(({ key }) =>
    Buffer.from(hkdfSync("sha256", key, "caretaker", purpose, 32)).toString("hex"),
  );
}
