import { Refusal } from "#db/errors.ts";
import { controlFault } from "#db/fleet-pools.ts";

const byCode: Record<string, [what: string, fix: string]> = {
  ENOSPC: ["The disk is full.", "Free some space (about 1 GB) and start again; nothing is lost."],
  EACCES: ["A file or folder of this project may not be written.", "Make the project's folder writable for this user."],
  EROFS: ["The project lies on a read-only disk.", "Choose a writable data folder with CARETAKER_DATA."],
  "42501": [
    "The user in DATABASE_URL may not make what the console needs.",
    "Let it own the database: ALTER DATABASE … OWNER TO ….",
  ],
  "53100": ["The disk of the database is full.", "Free some space and start again; nothing is lost."],
};

/** One sentence and its fix where we know one; else everything, since it is a defect. */
export function explainFailure(error: unknown): string {
  const refusal = error instanceof Refusal ? error : controlFault(error, process.env.DATABASE_URL);
  if (refusal) return refusal.fix ? `${refusal.message} ${refusal.fix}` : refusal.message;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const known = "code" in cause ? byCode[String(cause.code)] : undefined;
    if (known) return `${known.join(" ")} (${cause.message})`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
