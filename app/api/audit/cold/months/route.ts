import { z } from "zod";
import { staffHandler } from "#app/_server/handler.ts";
import { findMonths } from "#db/audit/cold/find-months.ts";
import { auditFilter } from "#db/audit/contract.ts";
import { findDeletionMonths } from "#db/audit/who-deleted-months.ts";
import { whoQuestion } from "#db/audit/who-deleted-question.ts";
import { coldLines } from "../lines.ts";

const path = "/api/audit/cold/months";

/** A filter of the log; or, with `who`, “who deleted this?”. */
const question = z.union([whoQuestion.omit({ text: true }).extend({ who: whoQuestion.shape.text }), auditFilter]);

/** Which archived months have a part in the answer, in lines of JSON as /api/audit/cold has them. */
export const GET = staffHandler("audit.read", question, async (actor, asked, request) =>
  coldLines(path, request.signal, async (finding) => {
    if (!("who" in asked)) return { kind: "months", found: await findMonths(actor, asked, finding) };
    const { who: text, ...scope } = asked;
    return { kind: "months", found: await findDeletionMonths(actor, { text, ...scope }, finding) };
  }),
);
