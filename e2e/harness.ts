import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Role, roles } from "#db/capabilities.ts";

export const outputFolder = process.env.E2E_OUTPUT ?? join(import.meta.dirname, ".output");

/** Where the signed-in browser state of a role lies: `test.use({ storageState: stateOf("support") })`. */
export function stateOf(role: Role): string {
  return join(outputFolder, `${role}.json`);
}

/** Nobody is signed in: `test.use({ storageState: signedOut })`. */
export const signedOut = { cookies: [], origins: [] };

const account = z.object({ email: z.string(), password: z.string() });
const accountsSchema = z.record(z.enum(roles), account);

/** The demo account of a role, as `npm start` printed it. */
export function accountOf(role: Role): { email: string; password: string } {
  return accountsSchema.parse(read("accounts.json"))[role];
}

/** The superuser's URL of the private server that the console under test runs on. */
export function serverUrl(): URL {
  return new URL(z.object({ url: z.string() }).parse(read("server.json")).url);
}

/** Keeps an address that no page links to, for the tests that come after. */
export function keepAddress(name: string, path: string): void {
  writeFileSync(join(outputFolder, `${name}.address.json`), JSON.stringify(path), { mode: 0o600 });
}

export function keptAddress(name: string): string {
  return z.string().parse(read(`${name}.address.json`));
}

/** The key that the console under test seals with. */
export function masterKey(): string {
  return z.object({ key: z.string() }).parse(read("server.json")).key;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(outputFolder, name), "utf8"));
}
