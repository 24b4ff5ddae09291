import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { environment } from "../environment.ts";
import { Refusal } from "../errors.ts";

/** One installation of PostgreSQL's client tools. */
export interface Tools {
  directory: string;
  /** As pg_dump prints it: "15.18". */
  version: string;
  major: number;
}

const needed = ["pg_dump", "pg_dumpall", "pg_restore"];

/** Tools that are installed while the console runs are found within this time. */
const rememberedMs = 30_000;

let found: { tools: Promise<Tools[]>; at: number } | undefined;

/** The client tools of this machine: PGBIN alone when it is set, else the usual folders and PATH. */
export function findTools(): Promise<Tools[]> {
  if (!found || performance.now() - found.at > rememberedMs) found = { tools: search(), at: performance.now() };
  return found.tools;
}

async function search(): Promise<Tools[]> {
  const { PGBIN, PATH } = environment();
  const path = PATH.split(delimiter).filter((folder) => folder !== "");
  const folders = PGBIN ? [PGBIN] : [...usualFolders(), ...path];
  const tools = await Promise.all([...new Set(folders)].map(inspect));
  return tools.filter((one) => one !== null);
}

/** Where Debian, Red Hat, Homebrew and the installers for macOS put each version side by side. */
function usualFolders(): string[] {
  return [18, 17, 16, 15].flatMap((major) => [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
    `/Applications/Postgres.app/Contents/Versions/${major}/bin`,
    `/Library/PostgreSQL/${major}/bin`,
  ]);
}

async function inspect(directory: string): Promise<Tools | null> {
  try {
    await Promise.all(needed.map((tool) => access(join(directory, tool), constants.X_OK)));
    const { stdout } = await promisify(execFile)(join(directory, "pg_dump"), ["--version"], { timeout: 10_000 });
    const version = /\d+(\.\d+)*/.exec(stdout)?.[0];
    return version ? { directory, version, major: Number.parseInt(version, 10) } : null;
  } catch {
    return null; // no tools in this folder, or tools that do not run here
  }
}

/**
 * The tools for a server: of its own version, else the next newer. pg_dump refuses servers newer than itself.
 *
 * @throws Refusal `unsupported` that says what to install.
 */
export async function toolsFor(serverVersion: string): Promise<Tools> {
  const major = Number.parseInt(serverVersion, 10);
  const tools = await findTools();
  const [chosen] = tools.filter((one) => one.major >= major).sort((a, b) => a.major - b.major);
  if (chosen) return chosen;
  const newest = tools.toSorted((a, b) => b.major - a.major)[0];
  throw new Refusal(
    "unsupported",
    newest
      ? `The server is PostgreSQL ${serverVersion}, and the newest pg_dump on this machine is ${newest.version}, which cannot read it.`
      : `The server is PostgreSQL ${serverVersion}, and pg_dump was not found on this machine.`,
    {
      fix: `Install PostgreSQL's client tools in version ${major} or newer (Debian and Ubuntu, from apt.postgresql.org: apt-get install postgresql-client-${major}; macOS: brew install postgresql@${major}), or set PGBIN to the folder that holds pg_dump. The packages that npm installs hold a server only.`,
    },
  );
}
