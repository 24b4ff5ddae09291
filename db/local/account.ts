import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "../errors.ts";

/** The operating-system user that a PostgreSQL server runs as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, so root hands it to `postgres` or `nobody`. Null: run it as ourselves. */
export async function serverAccount(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "_postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf(name, "-u"), idOf(name, "-g")]);
    if (uid !== null && gid !== null && uid > 0) return { name, uid, gid };
  }
  throw new Refusal("unsupported", "PostgreSQL cannot run as root, and this machine has no user postgres or nobody.", {
    fix: "Run the command as an ordinary user.",
  });
}

/** Whether the account can reach a folder: every folder above it must let it pass. */
export async function canReach(account: Account, folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const pass = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & pass) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

async function idOf(name: string, flag: "-u" | "-g"): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)("id", [flag, name]);
    const id = Number(stdout.trim());
    return id > 2_147_483_647 ? null : id;
  } catch {
    return null; // no such user
  }
}
