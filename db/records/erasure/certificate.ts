import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { currentSigningKey, verifierKeys } from "../../audit/proof/keys.ts";
import { openNote, signNote } from "../../audit/proof/note.ts";
import { canonical } from "../../canonical.ts";
import { Refusal } from "../../errors.ts";
import type { ErasurePlan } from "./contract.ts";
import type { Remaining } from "./remaining.ts";
import { type ErasureRow, erasureRow } from "./stored.ts";

/** What a certificate says; docs/erasure.md describes it. Nothing in it names the person. */
export interface Certificate {
  certificate: 1;
  id: string;
  issuedAt: string;
  database: { id: string; name: string };
  /** The keyed hash of whom it is about. */
  subject: string;
  basis: string;
  planHash: string;
  items: {
    kind: string;
    where: string;
    how: string;
    method: string;
    count: number;
    columns: { name: string; method: string }[];
    held: number;
    /** Rows that were to follow in batches, as many as were agreed to. Missing where it was signed before there were any. */
    beyond?: number;
    /** So many of them followed. Missing where it was signed before they were counted. */
    beyondDone?: number;
    why: string | null;
  }[];
  rows: { redacted: number; deleted: number };
  entries: number;
  exports: number;
  held: number;
  backups: ErasurePlan["backups"];
  /** Missing where it was signed before files of tenants were listed. */
  papers?: ErasurePlan["papers"];
  notReached: ErasurePlan["notReached"];
  askedBy: string;
  proposedBy: string | null;
  approvedBy: string | null;
  askedAt: string;
  startedAt: string | null;
  finishedAt: string;
  check: { at: string; clean: boolean; remaining: Remaining["remaining"] };
}

interface Came {
  plan: ErasurePlan;
  entries: number;
  exports: number;
  /** Rows that were redacted in later batches, and how many of which finding. */
  beyond: { rows: number; items: Record<string, number> };
  left: Pick<Remaining, "clean" | "remaining">;
  checkedAt: string;
  backups: ErasurePlan["backups"];
  papers: ErasurePlan["papers"];
  notReached: ErasurePlan["notReached"];
}

export function certificateOf(row: ErasureRow, databaseName: string, came: Came): Certificate {
  const { plan, entries, exports, beyond, left, checkedAt, backups, papers, notReached } = came;
  const iso = (moment: string) => new Date(moment).toISOString();
  return {
    certificate: 1,
    id: row.id,
    issuedAt: checkedAt,
    database: { id: row.databaseId, name: databaseName },
    subject: row.subjectRef,
    basis: row.basis,
    planHash: row.planHash ?? plan.hash,
    items: plan.items.map(({ key, kind, where, how, method, count, columns, held, beyond: more, why }) => ({
      ...{ kind, where, how, method, count, held, beyond: more, beyondDone: beyond.items[key] ?? 0, why },
      columns: columns.map(({ name, method: used }) => ({ name, method: used?.do ?? "none" })),
    })),
    rows: { redacted: plan.redacted + beyond.rows, deleted: plan.deleted },
    ...{ entries, exports, held: plan.held, backups, papers, notReached },
    askedBy: row.askedBy,
    proposedBy: row.proposedBy,
    approvedBy: row.approvedBy,
    askedAt: iso(row.askedAt),
    startedAt: row.startedAt === null ? null : iso(row.startedAt),
    finishedAt: checkedAt,
    check: { at: checkedAt, clean: left.clean, remaining: left.remaining },
  };
}

/** The certificate as a signed note: a line that says what it is, one line of JSON, and the signature of the key that signs checkpoints. */
export async function signCertificate(client: pg.ClientBase, certificate: Certificate): Promise<string> {
  return signNote(`caretaker/erasure/${certificate.id}\n${canonical(certificate)}\n`, await currentSigningKey(client));
}

/** An erasure's certificate with its signature, for a file: what it says, and the note that is signed. */
export async function readCertificate(
  actor: Actor,
  { id }: { id: string },
): Promise<{ json: { certificate: Certificate; note: string }; text: string }> {
  authorise(actor, "records.read");
  const { certificate: note } = await erasureRow(id);
  if (note === null) {
    throw new Refusal("conflict", "This erasure has no certificate yet.", {
      fix: "It is signed when the erasure has run.",
    });
  }
  const json = { certificate: await openCertificate(note), note };
  return { json, text: JSON.stringify(json, null, 2) };
}

/** @throws Error when the note is not what was signed. */
export async function openCertificate(note: string): Promise<Certificate> {
  const text = openNote(note, await verifierKeys());
  // Only signCertificate writes what these keys signed under this name.
  return JSON.parse(text.split("\n")[1] ?? "") as Certificate;
}
