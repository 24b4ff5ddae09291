import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { z } from "zod";
import type { Capability } from "#db/capabilities.ts";
import { controlPool } from "#db/control.ts";
import { hashOf } from "#db/staff/secret-text.ts";

const root = join(import.meta.dirname, "..", "..", "..");

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command as a user does, through bin/caretaker, against the control database of this test file. */
export async function caretaker(
  args: string[],
  more: { token?: string; stdin?: string; env?: Record<string, string> } = {},
): Promise<Run> {
  const { CARETAKER_TOKEN: _token, ...inherited } = process.env;
  const env = { ...inherited, ...(more.token ? { CARETAKER_TOKEN: more.token } : {}), ...more.env };
  return await new Promise((resolve, reject) => {
    const child = execFile(join(root, "bin", "caretaker"), args, { env, cwd: root }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(more.stdin ?? "");
  });
}

/** What it answers to --json, which must be a success. */
export async function json<T extends z.ZodType>(schema: T, ...run: Parameters<typeof caretaker>): Promise<z.output<T>> {
  const [args, more] = run;
  const { code, stdout, stderr } = await caretaker([...args, "--json"], more);
  if (code !== 0) throw new Error(`caretaker ${args.join(" ")} ended with ${code}: ${stderr}`);
  return schema.parse(JSON.parse(stdout));
}

/** A person with an API token, as the console would have made it. */
export async function tokenOf(role: string, scope: Capability[]): Promise<string> {
  const token = `caretaker_${randomBytes(16).toString("hex")}`;
  await controlPool().query(
    `WITH person AS (
       INSERT INTO staff (email, name, role, password_hash) VALUES ($1, $2, $2, 'none') RETURNING id
     )
     INSERT INTO api_tokens (staff_id, name, token_hash, capabilities, expires_at)
     SELECT id, 'test', $3, $4, now() + interval '1 hour' FROM person`,
    [`${randomBytes(6).toString("hex")}@example.com`, role, hashOf(token), scope],
  );
  return token;
}
