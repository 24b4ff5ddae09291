// What runs before anything is installed: plain JavaScript for Node 20.9 and newer, with no dependency.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Installs the dependencies when they are missing or not those of package-lock.json, and returns the Node 24 to run on. */
export function install() {
  checkNode([20, 9], "Caretaker's commands need Node 20.9 or newer");
  if (!isInstalled()) {
    console.error("Installing the dependencies (a minute or two) …");
    const [program, ...before] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const flags = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
    const { status, error } = spawnSync(program, [...before, ...flags], { cwd: root, stdio: "inherit" });
    if (status !== 0)
      fail(
        `npm ci failed${error ? ` (${error.message})` : ""}.`,
        "Check the network and the disk, then run the command again.",
      );
  }
  const node = join(root, "node_modules", ".bin", "node");
  if (existsSync(node)) return node;
  checkNode([22, 18], "The npm package node is not installed for this platform, so Node 22.18 or newer is needed");
  return process.execPath;
}

/** Runs a TypeScript entry point on that Node, hands it our signals, and ends as it ends. */
export function run(node, entry, args) {
  const PATH = `${join(root, "node_modules", ".bin")}:${process.env.PATH}`;
  // Node keeps there what it made of our TypeScript, so that the next process need not.
  const env = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"), ...process.env, PATH };
  const child = spawn(node, [join(root, entry), ...args], { cwd: root, stdio: "inherit", env });
  // Ctrl-C reaches the child by itself, since it shares our terminal; a signal sent to us alone is passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${entry} could not be started: ${error.message}.`, "Run npm ci and try again."));
  child.on("exit", (code) => process.exit(code ?? 1));
}

/** Compares what npm says it installed with what the lockfile asks for; optional packages are other platforms'. */
function isInstalled() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!wanted) fail("package-lock.json is missing or damaged.", "Restore it with git checkout package-lock.json.");
  if (!present) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "" || (optional && !present[path])) return true;
    return present[path]?.version === version && existsSync(join(root, path));
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return null; // nothing installed yet, or an installation that was killed half-way
  }
}

function checkNode([major, minor], need) {
  const [haveMajor, haveMinor] = process.versions.node.split(".").map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`${need}; this is ${process.versions.node}.`, "Install the current Node LTS from https://nodejs.org.");
}

function fail(what, fix) {
  console.error(`\n${what} ${fix}`);
  process.exit(1);
}
