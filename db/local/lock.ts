import { open, readFile, rm } from "node:fs/promises";
import { Refusal } from "../errors.ts";
import { isAlive, startOf } from "./process.ts";

/**
 * Keeps a second running instance out. The file holds our process id and when the process started, so that a lock left
 * by a killed run is taken over, also when its number was given to another process since.
 */
export async function takeLock(file: string, what: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(file)) return () => rm(file, { force: true });
    const holder = await holderOf(file);
    if (holder !== null) {
      throw new Refusal("conflict", `${what} is already running (process ${holder}).`, {
        fix: `Use it, or stop it first with Ctrl-C or kill ${holder}.`,
      });
    }
    await rm(file, { force: true });
  }
  throw new Refusal("conflict", `${what} is being started by somebody else.`, { fix: "Wait a moment and look again." });
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(`${process.pid} ${await startOf(process.pid)}`);
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function holderOf(file: string): Promise<number | null> {
  const [pid, started] = (await readFile(file, "utf8").catch(() => "")).split(" ");
  const holder = Number(pid);
  if (!Number.isInteger(holder) || holder <= 0 || !isAlive(holder)) return null;
  return started === (await startOf(holder)) ? holder : null;
}
