import { headers } from "next/headers";
import { leavingSignal } from "./leaving.ts";

/** For screens: ends when the reader leaves before the screen is whole. Handlers have `request.signal`. */
export async function readerSignal(): Promise<AbortSignal | undefined> {
  return leavingSignal(await headers());
}
