import { createHash } from "node:crypto";

/** What whoever received the file can tell from it alone: whether its closing line is there and agrees with everything before it. */
export function passesAsWhole(text: string): boolean {
  const before = text.slice(0, text.slice(0, -1).lastIndexOf("\n") + 1);
  const last = text.slice(before.length);
  const end =
    /^\{"_end":\{"export":"[0-9a-f-]{36}","rows":"(?<rows>\d+)","sha256":"(?<sha256>[0-9a-f]{64})"\}\}\n$/.exec(last) ??
    /^#end export=[0-9a-f-]{36} rows=(?<rows>\d+) sha256=(?<sha256>[0-9a-f]{64}),*\n$/.exec(last);
  if (!end?.groups) return false;
  return createHash("sha256").update(before).digest("hex") === end.groups.sha256;
}

/** The ids of the entries in it, in their order. */
export function idsIn(text: string): string[] {
  return text.split("\n").flatMap((line) => /^(?:\{"id":")?(\d+)["',]/.exec(line)?.[1] ?? []);
}
