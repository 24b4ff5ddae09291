import { cookies } from "next/headers";
import { type Preferences, preferenceSchema } from "#app/(console)/shell/preferences.ts";

const name = "caretaker_view";

/** How the person wants to see the console. It is kept in the browser, so that the first paint is already right. */
export async function readPreferences(): Promise<Preferences> {
  const jar = await cookies();
  return preferenceSchema.parse(fromText(jar.get(name)?.value));
}

export async function writePreferences(changed: Partial<Preferences>): Promise<void> {
  const jar = await cookies();
  const next = { ...(await readPreferences()), ...changed };
  jar.set(name, JSON.stringify(next), { path: "/", maxAge: 365 * 24 * 60 * 60, sameSite: "lax", httpOnly: true });
}

function fromText(text: string | undefined): unknown {
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
