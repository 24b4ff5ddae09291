import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { serverAccount } from "#db/local/account.ts";
import type { Move } from "#db/moves/move.ts";
import type { Place } from "#db/moves/plan/place.ts";
import { type Network, network } from "../proxy.ts";
import { type Mortal, startMortal } from "../server.ts";
import type { End } from "./matrix.ts";

/** A server with a line to it that only the workers use. */
export interface Reached {
  mortal: Mortal;
  line: Network;
  /** Whether a blow to it is not over yet. */
  struck: boolean;
}

export interface Servers {
  /** Where the tenants share tables. */
  home: Reached;
  /** Where tenants get databases of their own. */
  other: Reached;
  console: Reached;
  /** The port of the server itself, given the one that the console knows. */
  direct(port: number): number;
  of(move: Move, end: End): Reached;
  remove(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const [home, other, console] = await Promise.all([startReached(), startReached(), startReached()]);
  const all = [home, other, console];
  const known = (port: number) => all.find(({ line }) => line.port === port);
  return {
    home,
    other,
    console,
    direct: (port) => known(port)?.mortal.port ?? port,
    of(move, end) {
      const found = end === "console" ? console : known(end === "source" ? move.from.port : move.to.port);
      if (!found) throw new Error(`No server of the run is the ${end} of the move.`);
      return found;
    },
    async remove() {
      for (const { mortal, line } of all) {
        await line.close();
        await mortal.remove();
      }
    },
  };
}

async function startReached(): Promise<Reached> {
  const mortal = await startMortal({ durable: false, more: { shared_buffers: "64MB" } });
  return { mortal, line: await network(mortal.port), struck: false };
}

/** The URL of a server or of one of its databases as its line has it. */
export function through({ mortal, line }: Reached, url = mortal.url): string {
  const there = new URL(url);
  there.port = String(line.port);
  return there.href;
}

/** A database of the fleet as the run reaches it, past the lines that are cut. */
export function urlOf(servers: Servers, { port, databaseName }: Pick<Place, "port" | "databaseName">): string {
  const { mortal } = [servers.home, servers.other].find(({ line }) => line.port === port) ?? servers.home;
  const url = new URL(mortal.url);
  url.pathname = `/${databaseName}`;
  return url.href;
}

// A segment of the log is 16 MB and must fit; half a page more, so that PostgreSQL writes a part of a page and says that the disk is full.
const fileBytesMax = 16 * 1024 * 1024 + 4096;

/**
 * Lets no file of a server grow beyond some megabytes, or as far as it likes again: the kernel's limit on its processes, which needs
 * no file system of its own. They are its account's, who may limit them wherever it runs.
 */
export async function limitFiles({ mortal }: Reached, limited: boolean): Promise<void> {
  const account = await serverAccount();
  const soft = limited ? String(fileBytesMax) : "unlimited";
  for (const pid of mortal.pids()) {
    try {
      await promisify(execFile)("prlimit", ["--pid", String(pid), `--fsize=${soft}:`], account ?? {});
    } catch (cause) {
      if (!mortal.pids().includes(pid)) continue; // it ended meanwhile
      throw new Error("The files of a PostgreSQL server cannot be limited: prlimit (Debian: util-linux) is needed.", {
        cause,
      });
    }
  }
}
