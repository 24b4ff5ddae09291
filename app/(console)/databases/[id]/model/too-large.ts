import type { Failure } from "#components/ui/action-result.ts";

/** Why this model cannot be sent by a form of at most so many bytes, said before Next breaks the request off; null when it can. */
export function tooLarge(model: string, bytesMax: number): Failure | null {
  const bytes = new TextEncoder().encode(model).length;
  if (bytes <= bytesMax) return null;
  const inMegabytes = (size: number): string => `${(size / 1_000_000).toFixed(1)} MB`;
  return {
    ok: false,
    code: "invalid",
    message: `This model has ${inMegabytes(bytes)}, and the browser can send ${inMegabytes(bytesMax)}.`,
    fix: "Confirm it from the command line: caretaker adopt model DATABASE --json, then --file MODEL.json --confirm.",
  };
}
