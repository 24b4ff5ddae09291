import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline, type Readable, Transform } from "node:stream";
import { rootCertificates } from "node:tls";
import { environment } from "../environment.ts";
import type { DatabaseConnection } from "../fleet.ts";
import { backupFolder } from "./folder.ts";
import type { Tools } from "./tools.ts";

/** A server that died without a word leaves a tool waiting; one that works says something now and then. */
const quietMsMax = 10 * 60_000;

/** A client tool ended with an error. `lines` is what it said, without its progress. */
export class ToolFailure extends Error {
  readonly lines: string[];

  constructor(tool: string, code: number | string, lines: string[]) {
    super(`${tool} ended with ${code}: ${lines.at(-1) ?? "it said nothing"}`);
    this.name = "ToolFailure";
    this.lines = lines;
  }
}

interface Run {
  tools: Tools;
  tool: "pg_dump" | "pg_dumpall" | "pg_restore";
  args: string[];
  connection?: DatabaseConnection;
  signal: AbortSignal;
  /** Each line of --verbose. */
  onLine?: (line: string) => void;
  /** For how long it may say and write nothing before it is ended. */
  quietMs?: number;
}

export const silenceWords = "nothing came for";

/** Runs a client tool and hands its output to `consume`. Both must succeed; either failing ends the other. */
export async function runTool<T>(run: Run, consume: (output: Readable) => Promise<T>): Promise<T> {
  const { tools, tool, args, signal, quietMs = quietMsMax } = run;
  const { variables, cleanUp } = await environmentFor(run.connection);
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    PATH: environment().PATH,
    LC_ALL: "C",
    TZ: "UTC",
    ...variables,
  };
  const child = spawn(join(tools.directory, tool), args, { env, stdio: ["ignore", "pipe", "pipe"], signal });
  const said: string[] = [];
  const silence = setTimeout(() => {
    said.push(`${silenceWords} ${quietMs / 60_000} minutes`);
    child.kill("SIGKILL");
  }, quietMs);
  createInterface({ input: child.stderr }).on("line", (line) => {
    silence.refresh();
    if (/(error|fatal|detail|hint|warning):/i.test(line)) said.push(line.replace(/^pg_\w+: /, ""));
    run.onLine?.(line);
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, by) =>
      code === 0 ? resolve() : reject(new ToolFailure(tool, code ?? by ?? "?", said)),
    );
  });
  try {
    const [value] = await Promise.all([consume(heard(child.stdout, () => silence.refresh())), exited]);
    return value;
  } catch (error) {
    signal.throwIfAborted();
    // When the tool failed, its output ended early as well: the tool's own words are the cause.
    const failure = await exited.then(
      () => error,
      (cause: unknown) => (cause instanceof ToolFailure && cause.lines.length > 0 ? cause : error),
    );
    throw failure;
  } finally {
    clearTimeout(silence);
    if (child.exitCode === null) child.kill("SIGKILL");
    await cleanUp();
  }
}

/** The same bytes, of which each piece is told as it passes. */
function heard(output: Readable, onPiece: () => void): Readable {
  const passing = new Transform({
    transform(chunk, _encoding, done) {
      onPiece();
      done(null, chunk);
    },
  });
  // Its error is the reader's.
  return pipeline(output, passing, () => {});
}

/** The password goes by the environment, which only this account can read; arguments are visible to everybody. */
async function environmentFor(connection: DatabaseConnection | undefined) {
  if (!connection) return { variables: {}, cleanUp: async () => {} };
  const { host, address, port, user, password, database, ssl } = connection;
  // Only this mode checks certificates. Before version 16 the tools do not know the system's authorities: they get Node's.
  const trusted = ssl.mode === "verify-full" ? (ssl.certificate ?? rootCertificates.join("\n")) : null;
  const authority = trusted ? join(await backupFolder(), `${randomUUID()}.pem`) : null;
  if (authority && trusted) await writeFile(authority, trusted, { mode: 0o600 });
  const variables: Record<string, string> = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: ssl.mode,
    PGCONNECT_TIMEOUT: "10",
    PGAPPNAME: "caretaker backup",
    ...(address ? { PGHOSTADDR: address } : {}),
    ...(authority ? { PGSSLROOTCERT: authority } : {}),
  };
  return { variables, cleanUp: () => (authority ? rm(authority, { force: true }) : Promise.resolve()) };
}
