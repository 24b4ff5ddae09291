import { createHash } from "node:crypto";
import { chmod, chown, cp, mkdir, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Refusal } from "../errors.ts";
import { type Account, canReach } from "./account.ts";
import type { Binaries } from "./binaries.ts";

/** Where root keeps a cluster whose own folder the PostgreSQL user cannot reach. */
const stateFolder = "/var/lib/caretaker";

/**
 * Makes the folder in which the cluster lives and returns its path: `dataDir`, or, where the server runs as another
 * user that cannot get there (a project in a home of mode 0700), a folder of its own under /var/lib/caretaker.
 */
export async function makeHome(dataDir: string, account: Account | null): Promise<string> {
  const wanted = resolve(dataDir);
  await makeFolder(wanted, account ? 0o711 : 0o700);
  const real = await realpath(wanted);
  if (!account || (await canReach(account, real))) return real;
  const other = join(stateFolder, createHash("sha256").update(real).digest("hex").slice(0, 16));
  await makeFolder(other, 0o711);
  await writeFile(join(real, "location"), `${other}\n`, { mode: 0o600 });
  return other;
}

/** Makes a folder for the account (or ourselves) with exactly this mode. */
export async function makeFolder(folder: string, mode: number, account: Account | null = null): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await chmod(folder, mode);
    if (account) await chown(folder, account.uid, account.gid);
  } catch (error) {
    throw new Refusal("unsupported", `The folder ${folder} cannot be written (${reasonOf(error)}).`, {
      fix: "Make it writable for this user, or choose another with CARETAKER_DATA.",
      cause: error,
    });
  }
}

/** The folder to run the binaries from: their own, or a copy that the account can reach. */
export async function reachableBinaries(binaries: Binaries, home: string, account: Account | null): Promise<string> {
  if (!account || (await canReach(account, await realpath(binaries.directory)))) return binaries.directory;
  if (!binaries.native) {
    throw new Refusal("unsupported", `The user ${account.name} cannot reach PostgreSQL in ${binaries.directory}.`, {
      fix: "Let it pass those folders (chmod o+x), or set PGBIN to an installation that it can reach.",
    });
  }
  const copy = join(home, `postgresql-${binaries.version}`);
  if (!(await exists(copy))) {
    const part = `${copy}.part`;
    await rm(part, { recursive: true, force: true });
    await cp(binaries.native, part, { recursive: true, verbatimSymlinks: true });
    await chmod(part, 0o755);
    await rename(part, copy);
  }
  return join(copy, "bin");
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
