import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Refusal } from "#db/errors.ts";

const schema = z.object({
  dev: z.boolean().default(false),
  "reset-demo": z.boolean().default(false),
  port: z.coerce.number().int().min(1).max(65_535).optional(),
  host: z.string().default("127.0.0.1"),
  accounts: z.string().optional(),
});

export interface Options {
  /** Development server with reload instead of the built one. */
  dev: boolean;
  /** Deletes the private cluster first. */
  resetDemo: boolean;
  /** Undefined: 3000, or the next one that is free. */
  port: number | undefined;
  host: string;
  /** Also write the demo accounts to this file, for scripts. */
  accountsFile: string | undefined;
  /** Where the private cluster, the key and backups live; absolute. */
  data: string;
  /** A control database of the user's own, instead of the private cluster. */
  databaseUrl: string | undefined;
}

export function readOptions(args: string[]): Options {
  const { values } = parse(args);
  const { "reset-demo": resetDemo, accounts, ...rest } = values;
  return {
    ...rest,
    resetDemo,
    port: rest.port ?? (process.env.PORT ? Number(process.env.PORT) : undefined),
    accountsFile: accounts,
    data: resolve(process.env.CARETAKER_DATA ?? ".data"),
    databaseUrl: process.env.DATABASE_URL,
  };
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        dev: { type: "boolean" },
        "reset-demo": { type: "boolean" },
        port: { type: "string" },
        host: { type: "string" },
        accounts: { type: "string" },
      },
    });
    return { values: schema.parse(values) };
  } catch (error) {
    throw new Refusal("invalid", "These options are not understood.", {
      fix: "npm start -- [--dev] [--reset-demo] [--port 3000] [--host 127.0.0.1] [--accounts FILE]",
      cause: error,
    });
  }
}
