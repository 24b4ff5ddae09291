import { spawn } from "node:child_process";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Refusal } from "#db/errors.ts";
import { exists } from "#db/local/home.ts";
import { takeLock } from "#db/local/lock.ts";
import { hashSources } from "./sources.ts";

const othersBuildMsMax = 600_000;

/**
 * Builds the web process when the sources changed since the last whole build. The stamp is written last, so a build
 * that was killed is done again. Returns the server's entry point; with `signal` it ends before, and so does what it runs.
 */
export async function build(root: string, signal = new AbortController().signal): Promise<string> {
  const output = join(root, ".next", "standalone");
  const stamp = join(output, "built-from");
  const hash = await hashSources(root);
  const isBuilt = async () => (await readFile(stamp, "utf8").catch(() => null)) === hash;
  if (!(await isBuilt())) {
    const release = await waitForLock(join(root, "node_modules", ".caretaker-build"), signal);
    try {
      // Whoever held the lock may have built these sources.
      if (!(await isBuilt())) await buildAnew(root, output, { stamp, hash, signal });
    } finally {
      await release();
    }
  }
  return join(output, "server.js");
}

/** Two builds at once would write into the same folder. */
async function waitForLock(file: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (const deadline = Date.now() + othersBuildMsMax; ; await setTimeout(500, undefined, { signal })) {
    try {
      return await takeLock(file, "Another build");
    } catch (error) {
      if (!(error instanceof Refusal) || Date.now() > deadline) throw error;
    }
  }
}

async function buildAnew(
  root: string,
  output: string,
  { stamp, hash, signal }: { stamp: string; hash: string; signal: AbortSignal },
): Promise<void> {
  console.log("Building the console …");
  await rm(stamp, { force: true });
  await runBuild(root, signal);
  await keepServer(output);
  await cp(join(root, ".next", "static"), join(output, ".next", "static"), { recursive: true });
  if (await exists(join(root, "public"))) {
    await cp(join(root, "public"), join(output, "public"), { recursive: true });
  }
  await writeFile(stamp, hash);
}

/** Removes what file tracing took of the project's own sources: the server is bundled and reads none of them. */
async function keepServer(output: string): Promise<void> {
  const server = new Set([".next", "node_modules", "package.json", "server.js"]);
  const others = (await readdir(output)).filter((name) => !server.has(name));
  await Promise.all(others.map((name) => rm(join(output, name), { recursive: true })));
}

async function runBuild(root: string, signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [join(root, "node_modules", "next", "dist", "bin", "next"), "build"], {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number | null>((done, fail) => {
    child.once("close", done).once("error", (error) => signal.aborted || fail(error)); // told to end, it ends in a moment
  });
  signal.throwIfAborted();
  if (code === 0) return;
  console.error(output);
  const full = /No space left on device|ENOSPC/.test(output);
  throw new Refusal("unsupported", full ? "The disk is full." : "The console could not be built; see above.", {
    fix: full ? "Free some space and start again." : "Correct the sources, or delete the folder .next and start again.",
  });
}
