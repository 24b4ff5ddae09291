import { Refusal } from "../errors.ts";

export function taken(key: string): Refusal {
  return new Refusal("conflict", `Other content is already stored under ${key}.`, {
    fix: "What is stored is never replaced: look at what is there.",
  });
}

export function missing(place: string, key: string): Refusal {
  return new Refusal("not_found", `${key} is not in ${place}.`, {
    fix: "Check that the place is the one it was stored in, and that nothing was removed there.",
  });
}

export function damaged(place: string, key: string, cause?: unknown): Refusal {
  return new Refusal(
    "conflict",
    `${key} in ${place} is not what was stored there: its SHA-256 differs or it is gone.`,
    {
      fix: "Bring back the file from a copy of that place, and find out who changed it.",
      cause,
    },
  );
}
