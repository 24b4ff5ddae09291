import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outputFolder } from "./harness.ts";

// The console under test is what `npm start` gives on a bare machine, with a small demo in a throwaway folder.

const root = join(import.meta.dirname, "..");
const data = await mkdtemp(join(tmpdir(), "caretaker-e2e-"));
await chmod(data, 0o711);
await rm(outputFolder, { recursive: true, force: true });
await mkdir(outputFolder, { recursive: true, mode: 0o700 });

const { DATABASE_URL: _none, CARETAKER_KEY: _made, CARETAKER_URL: _ours, ...inherited } = process.env;
const port = process.env.E2E_PORT ?? "3210";
const flags = ["--port", port, "--accounts", join(outputFolder, "accounts.json")];
const console_ = spawn(process.execPath, [join(root, "bin", "start", "main.ts"), ...flags], {
  cwd: root,
  env: { ...inherited, CARETAKER_DATA: data, CARETAKER_DEMO: "small" },
  stdio: ["ignore", "pipe", "inherit"],
});
console_.stdout.setEncoding("utf8").on("data", (text: string) => {
  process.stdout.write(text);
  if (text.includes("Caretaker is running")) void writeServer();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => console_.kill("SIGTERM"));
console_.on("exit", async (code) => {
  await rm(data, { recursive: true, force: true });
  process.exit(code ?? 1);
});

/** Tells the tests where the server is, so that they can make databases of their own to adopt, and the key of the console. */
async function writeServer(): Promise<void> {
  const home = join(data, "postgres");
  const files = [join(home, "port"), join(home, "password"), join(data, "key")];
  const [port, password, key = ""] = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await writeFile(join(outputFolder, "server.json"), JSON.stringify({ url, key: key.trim() }), { mode: 0o600 });
}
