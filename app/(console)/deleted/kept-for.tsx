"use client";
import { useNow } from "#components/time/clock.tsx";
import { purgeText } from "./words.ts";

/** Counted from the screen's own clock, so that server and browser say the same. */
export function KeptFor({ purgeAt }: { purgeAt: string | null }) {
  return purgeText(purgeAt, useNow());
}
