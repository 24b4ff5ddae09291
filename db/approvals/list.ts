import { desc, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { type Actor, authorise } from "../actor.ts";
import { control } from "../control.ts";
import { decodeCursor, type Page, toPage } from "../page.ts";
import { approvals } from "../schema/console.ts";
import { staff } from "../schema/staff.ts";
import type { Approval, ApprovalFilter, ApprovalState } from "./contract.ts";

const proposer = alias(staff, "proposer");
const approver = alias(staff, "approver");
const decliner = alias(staff, "decliner");

const state = sql<ApprovalState>`CASE
  WHEN ${approvals.usedAt} IS NOT NULL THEN 'used'
  WHEN ${approvals.declinedAt} IS NOT NULL THEN 'declined'
  WHEN ${approvals.expiresAt} <= now() THEN 'expired'
  WHEN ${approvals.approvedAt} IS NOT NULL THEN 'approved'
  ELSE 'proposed' END`;

/** Proposals, newest first. Open ones are those that can still be decided or used. */
export async function listApprovals(actor: Actor, filter: ApprovalFilter, limit = 50): Promise<Page<Approval>> {
  authorise(actor, "approvals.propose");
  const after = filter.cursor === undefined ? null : decodeCursor(filter.cursor, 2);
  const rows = await control()
    .select({
      id: approvals.id,
      verb: approvals.verb,
      subject: approvals.subject,
      planHash: approvals.planHash,
      reason: approvals.reason,
      state,
      proposedBy: { id: proposer.id, name: proposer.name },
      proposedAt: approvals.proposedAt,
      expiresAt: approvals.expiresAt,
      approvedBy: approver.name,
      approvedAt: approvals.approvedAt,
      declinedBy: decliner.name,
      declinedAt: approvals.declinedAt,
      usedAt: approvals.usedAt,
    })
    .from(approvals)
    .innerJoin(proposer, eq(proposer.id, approvals.proposedBy))
    .leftJoin(approver, eq(approver.id, approvals.approvedBy))
    .leftJoin(decliner, eq(decliner.id, approvals.declinedBy))
    .where(
      sql`(${filter.state === "all"} OR ${state} IN ('proposed', 'approved'))
        AND (${after === null} OR (${approvals.proposedAt}, ${approvals.id}) < (${after?.[0] ?? null}::timestamptz, ${after?.[1] ?? null}::uuid))`,
    )
    .orderBy(desc(approvals.proposedAt), desc(approvals.id))
    .limit(limit + 1);
  return toPage(rows, limit, (row) => [row.proposedAt, row.id]);
}
