import { existsSync, readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { readVerifier } from "#db/audit/proof/note.ts";
import { type CheckedCertificate, checkCertificate, noteIn } from "./certificate.ts";
import { type Checked, checkExport, Failure } from "./check.ts";

const usage = `Usage: verify EXPORT.ndjson --key KEY [--proof FILE] [--previous CHECKPOINT]... [--whole] [--json]
       verify CERTIFICATE.json --key KEY [--json]

Checks, without a database or a network, that every entry of an export was in the audit log, that nothing is missing, and that
it is the log an earlier checkpoint spoke of. Of the certificate of an erasure it checks that it says what was signed.

  --key       the log's public key, NAME+ID+KEY, or a file with one a line
  --proof     the proof file; EXPORT.ndjson.proof when not given
  --previous  a checkpoint that you kept from before; may be given several times
  --whole     entries of the log between the first and the last of the export that are not in it are a failure
  --json      print the answer as JSON

Exit code 0: everything holds. 1: something does not; the first thing is named. 2: this could not be asked.
3: everything that can be proven holds, and the export has entries whose values were erased: what their lines say is not proven.`;

const exitCodes = { holds: 0, failed: 1, unasked: 2, erasedValues: 3 } as const;

const certificateBytesMax = 16_000_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = read();
  if (!asked) {
    console.error(usage);
    return exitCodes.unasked;
  }
  const { lines, proof, key, previous, whole, json } = asked;
  try {
    const keys = (existsSync(key) ? readFileSync(key, "utf8") : key).split("\n").filter((line) => line.trim() !== "");
    const certificate = smallText(lines);
    const note = certificate === null ? null : noteIn(certificate);
    if (certificate !== null && note !== null) {
      const checked = checkCertificate(certificate, note, keys.map(readVerifier));
      console.log(json ? JSON.stringify({ ok: true, certificate: checked }) : certified(checked));
      return exitCodes.holds;
    }
    const checked = await checkExport({
      lines,
      proof,
      keys: keys.map(readVerifier),
      previous: previous.map((file) => readFileSync(file, "utf8")),
      whole,
    });
    const ok = checked.every(({ erased }) => erased === 0);
    console.log(json ? JSON.stringify({ ok, checked }) : checked.map(sentences).join("\n"));
    return ok ? exitCodes.holds : exitCodes.erasedValues;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (json) console.log(JSON.stringify({ ok: false, message }));
    else console.error(`NOT PROVEN. ${message}`);
    return error instanceof Failure ? exitCodes.failed : exitCodes.unasked;
  }
}

/** A file as text, where it is small enough for a certificate; exports are read in pieces. */
function smallText(file: string): string | null {
  return existsSync(file) && statSync(file).size <= certificateBytesMax ? readFileSync(file, "utf8") : null;
}

function certified({ id, subject, database, finishedAt, approvedBy, clean }: CheckedCertificate): string {
  return [
    `SIGNED. Erasure ${id} in ${database}, ended ${finishedAt}${approvedBy === null ? "" : `, approved by ${approvedBy}`}.`,
    `It is about ${subject}.`,
    clean
      ? "The search after it found nothing."
      : "The search after it found something left, or could not look at everything: read the certificate.",
  ].join("\n");
}

function read() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        key: { type: "string" },
        proof: { type: "string" },
        previous: { type: "string", multiple: true, default: [] },
        whole: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const [lines, ...rest] = positionals;
    if (!lines || rest.length > 0 || !values.key) return null;
    const { key, proof = `${lines}.proof`, previous, whole, json } = values;
    return { lines, proof, key, previous, whole, json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return null;
  }
}

function sentences(checked: Checked): string {
  const { database, origin, entries, erased, time, size } = checked;
  return [
    `${erased === 0 ? "PROVEN." : "PROVEN IN PART."} Database ${database}: each of the ${entries} entries was in the log ${origin} of ${size} entries, signed ${time}.`,
    absenceSentence(checked),
    checked.filter === null
      ? "The console signed nothing of what this export was asked for: entries that were not asked for, and such that somebody took out before the proof was written, can not be told apart."
      : `The console signed that it wrote this very file, asked for ${checked.filter === "" ? "without a filter" : `with the filter ${checked.filter}`}.`,
    ...(erased > 0 ? [erasedSentence(checked)] : []),
  ].join("\n");
}

function absenceSentence({ between, before, after }: Checked): string {
  const inside =
    between === 0
      ? "Nothing between the first and the last of them is missing"
      : `The log has ${between} more between the first and the last of them, which this export does not hold`;
  return `${inside}; it has ${before} before the first and ${after} after the last.`;
}

function erasedSentence({ erased, erasedLines }: Checked): string {
  const named = erasedLines.map(({ line, entry }) => `line ${line} (entry ${entry})`).join(", ");
  const more = erased > erasedLines.length ? ` and ${erased - erasedLines.length} more` : "";
  return `The values of ${erased} of them were erased. That they were there is proven; what these lines say is not: ${named}${more}.`;
}
