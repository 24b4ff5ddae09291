/** The networks that were named, and the one the private cluster is in: naming others must not shut the console out of its own database. */
export function withLoopback(named = ""): string {
  return [named, "127.0.0.0/8", "::1/128"].filter((network) => network.trim() !== "").join(",");
}
