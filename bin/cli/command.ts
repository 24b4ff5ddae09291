import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ParseArgsOptionsConfig } from "node:util";
import type { z } from "zod";
import type { Actor } from "#db/actor.ts";
import { Refusal } from "#db/errors.ts";

export interface Input {
  /** What stands after the command's words, such as a tenant's id. */
  positionals: string[];
  /** What was given as --name value; a flag is true. */
  options: Record<string, unknown>;
}

export interface Output {
  /** What --json prints; its shape is stable. */
  json: unknown;
  /** What a person reads. */
  text: string;
  /** Where the answer itself is to fail a pipeline; 0 without it. */
  exitCode?: number;
}

export interface Command {
  /** "tenants list". */
  name: string;
  /** What follows the name: "--database NAME [--search TEXT]". */
  usage: string;
  summary: string;
  options?: ParseArgsOptionsConfig;
  /** Must work before there is any person who could have a token. */
  beforeAnybody?: true;
  run(actor: Actor, input: Input): Promise<Output>;
}

/** Parses what was typed; a fault names the option as it is typed. @throws Refusal `invalid` */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? `${path.join(".")}: ` : ""}${message}`,
  );
  throw new Refusal("invalid", `This cannot be used: ${faults.join("; ")}.`, { fix: "See the command's --help." });
}

/** The one positional that a command needs. */
export function only(input: Input, what: string): string {
  const [first, ...more] = input.positionals;
  if (first !== undefined && more.length === 0) return first;
  throw new Refusal("invalid", first === undefined ? `Name ${what}.` : `Name one: ${what}.`, {
    fix: "See the command's --help.",
  });
}

export function text(input: Input, option: string): string | undefined {
  const value = input.options[option];
  return typeof value === "string" ? value : undefined;
}

export function required(input: Input, option: string): string {
  const value = text(input, option);
  if (value !== undefined && value !== "") return value;
  throw new Refusal("invalid", `--${option} is missing.`, { fix: "See the command's --help." });
}

export function flag(input: Input, option: string): boolean {
  return input.options[option] === true;
}

/** An option that may come many times as NAME=VALUE. */
export function pairs(input: Input, option: string): Record<string, string> {
  const given = input.options[option];
  const all = Array.isArray(given) ? given.map(String) : [];
  return Object.fromEntries(
    all.map((pair) => {
      const at = pair.indexOf("=");
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new Refusal("invalid", `--${option} ${pair} is not NAME=VALUE.`, { fix: "See the command's --help." });
    }),
  );
}

/** A file as it was named in the caller's folder, which is not the one that we run in. */
export async function readNamedFile(name: string): Promise<string> {
  const path = resolve(process.env.PWD ?? ".", name);
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Refusal("invalid", `The file ${path} cannot be read.`, { fix: "Check its name.", cause: error });
  }
}
