import { Refusal } from "#db/errors.ts";

const byCode: Record<string, [what: string, fix: string]> = {
  ENOSPC: ["The disk is full.", "Free some space (about 1 GB) and start again; nothing is lost."],
  EACCES: ["A file or folder of this project may not be written.", "Make the project's folder writable for this user."],
  EROFS: ["The project lies on a read-only disk.", "Choose a writable data folder with CARETAKER_DATA."],
  ECONNREFUSED: ["The database named in DATABASE_URL does not answer.", "Start it, or correct host and port."],
  ENOTFOUND: ["The host in DATABASE_URL is not known.", "Correct its name."],
  "28P01": ["The database refuses the password in DATABASE_URL.", "Correct user and password."],
  "3D000": ["The database named in DATABASE_URL does not exist.", "Create it with createdb, or correct the name."],
  "53100": ["The disk of the database is full.", "Free some space and start again; nothing is lost."],
};

/** One sentence and its fix where we know one; else everything, since it is a defect. */
export function explainFailure(error: unknown): string {
  if (error instanceof Refusal) return error.fix ? `${error.message} ${error.fix}` : error.message;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const known = "code" in cause ? byCode[String(cause.code)] : undefined;
    if (known) return `${known.join(" ")} (${cause.message})`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
