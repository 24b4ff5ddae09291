import { z } from "zod";

const one = {
  theme: z.enum(["system", "light", "dark"]),
  density: z.enum(["compact", "comfortable"]),
  /** Whether times are shown in the browser's zone or in UTC. */
  clock: z.enum(["local", "utc"]),
  /** The browser's zone, told by it once, so that the server can print in it. */
  zone: z.string().max(64).refine(isZone, "is not a time zone"),
  rail: z.enum(["wide", "narrow"]),
  /** Single-key shortcuts; Ctrl or Cmd with K stays. */
  keys: z.enum(["on", "off"]),
};

/** What does not parse falls back to its default, one by one. */
export const preferenceSchema = z
  .object({
    theme: one.theme.catch("system"),
    density: one.density.catch("compact"),
    clock: one.clock.catch("local"),
    zone: one.zone.catch("UTC"),
    rail: one.rail.catch("wide"),
    keys: one.keys.catch("on"),
  })
  .catch({ theme: "system", density: "compact", clock: "local", zone: "UTC", rail: "wide", keys: "on" });

export type Preferences = z.infer<typeof preferenceSchema>;

export const preferenceChange = z.object(one).partial();

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) !== null;
  } catch {
    return false;
  }
}
