import { headers } from "next/headers";
import { controlAnswers } from "#db/alive.ts";
import { pathHeader } from "./path-header.ts";

/**
 * Without the console's own database no screen can be drawn: said here, the page that says so carries none of the screen's scripts. The
 * pages of those who are not signed in yet say it in their own words.
 */
export async function requireControl(): Promise<void> {
  const path = (await headers()).get(pathHeader) ?? "/";
  if (/^\/(sign-in|join)\b/.test(path) || (await controlAnswers())) return;
  throw new Error("The console's own database does not answer.");
}
