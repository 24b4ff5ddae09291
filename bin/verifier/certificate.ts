import { openNote, type VerifierKey } from "#db/audit/proof/note.ts";
import { canonical } from "#db/canonical.ts";
import { Failure } from "./check.ts";

/** What a reader is told of a certificate of an erasure. */
export interface CheckedCertificate {
  id: string;
  subject: string;
  database: string;
  finishedAt: string;
  approvedBy: string | null;
  clean: boolean;
}

const head = /^caretaker\/erasure\/([0-9a-f-]{36})\n(\{.*\})\n$/s;

/** The signed note in a file, which is the note itself or the JSON that holds it; null when the file is something else. */
export function noteIn(text: string): string | null {
  if (text.startsWith("caretaker/erasure/")) return text;
  if (!text.startsWith("{")) return null;
  try {
    const note: unknown = JSON.parse(text).note;
    return typeof note === "string" && note.startsWith("caretaker/erasure/") ? note : null;
  } catch {
    return null; // an export has many lines of JSON, and is no certificate
  }
}

/** @throws Failure when it is not what was signed by one of the keys. */
export function checkCertificate(text: string, note: string, keys: readonly VerifierKey[]): CheckedCertificate {
  const signed = signedText(note, keys);
  const [, id = "", body = ""] = head.exec(signed) ?? [];
  const said = parsed(body);
  if (said.id !== id) throw new Failure("The note and the certificate in it name different erasures.");
  const shown: unknown = text.startsWith("{") ? JSON.parse(text).certificate : said;
  if (canonical(shown) !== canonical(said)) throw new Failure("What the file shows is not what was signed.");
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  const check = said.check as { clean?: unknown } | undefined;
  const database = said.database as { name?: unknown } | undefined;
  return {
    id,
    subject: word(said.subject),
    database: word(database?.name),
    finishedAt: word(said.finishedAt),
    approvedBy: word(said.approvedBy) || null,
    clean: check?.clean === true,
  };
}

function signedText(note: string, keys: readonly VerifierKey[]): string {
  try {
    return openNote(note, keys);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error));
  }
}

function parsed(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body);
  } catch {
    throw new Failure("The signed text is no certificate of an erasure.");
  }
}
