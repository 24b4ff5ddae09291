import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asked for at a terminal without showing it, else read from standard input: it stands in no process list and no shell history. */
export async function readSecret(prompt: string): Promise<string> {
  if (process.stdin.isTTY) return await ask(prompt);
  return await readInput();
}

/** Several in their order: each asked for by itself, or a line each. Without any, nothing is read. */
export async function readSecrets(prompts: readonly string[]): Promise<string[]> {
  if (prompts.length === 0) return [];
  if (!process.stdin.isTTY) return (await readInput()).split(/\r?\n/);
  const secrets: string[] = [];
  for (const prompt of prompts) secrets.push(await ask(prompt));
  return secrets;
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, "");
}

async function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const secret = await terminal.question("");
  terminal.close();
  process.stderr.write("\n");
  return secret;
}
