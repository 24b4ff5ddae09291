import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Refusal } from "#db/errors.ts";
import { withLoopback } from "#db/local/networks.ts";

/**
 * Points the configuration at the control database: DATABASE_URL, else the private cluster of `npm start`, which must be
 * running. Returns whether it is the private one, where whoever can read its password file needs no token.
 */
export async function findControl(): Promise<{ isPrivate: boolean }> {
  const data = resolve(process.env.CARETAKER_DATA ?? ".data");
  process.env.CARETAKER_DATA = data;
  process.env.CARETAKER_KEY ||= (await read(join(data, "key"))) ?? undefined;
  if (process.env.DATABASE_URL) return { isPrivate: false };
  const home = (await read(join(data, "postgres", "location"))) ?? join(data, "postgres");
  const [password, port] = await Promise.all([read(join(home, "password")), read(join(home, "port"))]);
  if (!password || !port) {
    throw new Refusal(
      "not_found",
      "There is no control database: DATABASE_URL is not set, and npm start has not run here.",
      {
        fix: "Set DATABASE_URL and CARETAKER_KEY, or run npm start.",
      },
    );
  }
  process.env.DATABASE_URL = `postgres://postgres:${password}@127.0.0.1:${port}/caretaker`;
  process.env.CARETAKER_ALLOWED_NETWORKS = withLoopback(process.env.CARETAKER_ALLOWED_NETWORKS);
  return { isPrivate: true };
}

async function read(file: string): Promise<string | null> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Refusal("forbidden", `${file} cannot be read.`, {
      fix: "Run this as the user that ran npm start.",
      cause: error,
    });
  }
}
