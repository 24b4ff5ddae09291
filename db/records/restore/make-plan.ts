import type { PlanLook, PlanRestore, RestorePlan } from "./contract.ts";
import { digest, type PlanParts, planHash } from "./digest.ts";
import { evaluate } from "./evaluate.ts";
import { load } from "./load/load.ts";
import { notesOf } from "./notes.ts";
import { readKinds } from "./read/kinds.ts";
import { readLook } from "./read/look.ts";
import { readStatements } from "./read/statements.ts";
import { readTables, tenantOf } from "./read/tables.ts";
import { subjectOf } from "./subject.ts";
import type { Work } from "./work.ts";
import { noteColumns } from "./write/changed.ts";
import { type Batch, planSteps } from "./write/steps.ts";

/** A plan as it is worked out: what it rests on, and what would be written. */
export interface MadePlan {
  parts: PlanParts;
  hash: string;
  batches: Batch[];
}

/** Works the plan out in the scratch tables. Whoever makes it from the same input in the same world gets the same hash. */
export async function makePlan(work: Work, input: PlanRestore): Promise<MadePlan> {
  await load(work, input);
  await evaluate(work);
  await noteColumns(work);
  const parts = await digest(work);
  return { parts, hash: planHash(input, parts), batches: await planSteps(work) };
}

export type ShownPlan = Omit<RestorePlan, "approval" | "changed" | "chunks">;

/** The plan as people read it. */
export async function readPlan(work: Work, input: PlanRestore, made: MadePlan, look: PlanLook): Promise<ShownPlan> {
  const problems = await readKinds(work);
  const writes = made.batches.flat().reduce((sum, { rows }) => sum + rows, 0);
  const open = problems.some((kind) => kind.open > 0);
  return {
    what: input.undo ? "undo" : input.version ? "version" : "restore",
    database: work.database.id,
    databaseName: work.database.name,
    subject: await subjectOf(work, input),
    input,
    hash: made.hash,
    status: open ? "open" : writes === 0 ? "nothing" : "clean",
    writes,
    tables: await readTables(work),
    problems,
    statements: readStatements(work, made.batches),
    notes: await notesOf(work),
    tenant: await tenantOf(work),
    look: await readLook(work, look),
  };
}
