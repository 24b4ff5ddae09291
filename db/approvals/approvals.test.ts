import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolesWith } from "../capabilities.ts";
import { closeControl, control, controlPool, inControl } from "../control.ts";
import { requireConsent } from "../danger.ts";
import { staffActor, systemActor } from "../mint.ts";
import { approvals } from "../schema/console.ts";
import { staff } from "../schema/staff.ts";
import { freshControl } from "../testing/databases.ts";
import { type Person, person } from "../testing/people.ts";
import { decide, withdraw } from "./decide.ts";
import { listApprovals } from "./list.ts";
import { propose } from "./propose.ts";

const act = { verb: "records.purge", subject: "Acme", planHash: "hash-1" };
let proposer: Person;
let approver: Person;

beforeAll(async () => {
  await freshControl();
  proposer = await person("administrator", "Ada");
  approver = await person("compliance", "Bo");
});

afterAll(closeControl);

async function approved(): Promise<string> {
  const id = await propose(proposer.actor, { ...act, reason: "contract ended" });
  await decide(approver.actor, { id, planHash: act.planHash, decision: "approve" });
  return id;
}

function spend(who: Person, approvalId: string, planHash = act.planHash): Promise<string | null> {
  const need = { ...act, planHash, tier: "costly" as const, secondPerson: true };
  return inControl(who.actor, (tx) => requireConsent(tx, who.actor, need, { planHash, approvalId }));
}

describe("an approval", () => {
  test("lets its proposer act once, and not a second time", async () => {
    const id = await approved();
    await spend(proposer, id);
    await expect(spend(proposer, id)).rejects.toMatchObject({ code: "approval" });
  });

  test("is used once even when two acts race for it", async () => {
    const id = await approved();
    const outcomes = await Promise.allSettled([spend(proposer, id), spend(proposer, id), spend(proposer, id)]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("is there again when the act that used it fails", async () => {
    const id = await approved();
    const need = { ...act, tier: "costly" as const, secondPerson: true };
    const failing = inControl(proposer.actor, async (tx) => {
      await requireConsent(tx, proposer.actor, need, { planHash: act.planHash, approvalId: id });
      throw new Error("the act failed");
    });
    await expect(failing).rejects.toThrow("the act failed");
    await spend(proposer, id);
  });

  test("holds for the plan it was given for and no other", async () => {
    await expect(spend(proposer, await approved(), "hash-2")).rejects.toMatchObject({ code: "approval" });
  });

  test("holds for the subject that its approver read and no other, with or without its id", async () => {
    const planHash = "hash of another subject";
    const shown = { ...act, planHash, subject: "A harmless tenant" };
    const approvalId = await propose(proposer.actor, { ...shown, reason: "contract ended" });
    await decide(approver.actor, { id: approvalId, planHash, decision: "approve" });
    const need = { ...act, planHash, tier: "costly" as const, secondPerson: true };
    for (const consent of [{ planHash, approvalId }, { planHash }]) {
      const spending = inControl(proposer.actor, (tx) => requireConsent(tx, proposer.actor, need, consent));
      await expect(spending).rejects.toMatchObject({ code: "approval" });
    }
  });

  test("does not serve another person than its proposer", async () => {
    await expect(spend(await person("administrator"), await approved())).rejects.toMatchObject({ code: "approval" });
  });

  test("ends when the approver loses the role or leaves", async () => {
    for (const change of [{ role: "support" as const }, { disabledAt: new Date().toISOString() }]) {
      const gone = await person("compliance");
      const id = await propose(proposer.actor, { ...act, reason: "contract ended" });
      await decide(gone.actor, { id, planHash: act.planHash, decision: "approve" });
      await control().update(staff).set(change).where(eq(staff.id, gone.id));
      await expect(spend(proposer, id)).rejects.toMatchObject({ code: "approval" });
    }
  });

  test("can not be given by the proposer, for another plan, or without the password given lately", async () => {
    const id = await propose(proposer.actor, { ...act, reason: "contract ended" });
    const input = { id, planHash: act.planHash, decision: "approve" as const };
    await expect(decide(proposer.actor, input)).rejects.toMatchObject({ code: "approval" });
    await expect(decide(approver.actor, { ...input, planHash: "hash-2" })).rejects.toMatchObject({
      code: "stale_plan",
    });
    const stale = staffActor({ staffId: approver.id, name: "Bo", role: "compliance" });
    await expect(decide(stale, input)).rejects.toMatchObject({ code: "reauthentication" });
  });

  test("is not for support to give, nor for the system to ask for", async () => {
    const id = await propose(proposer.actor, { ...act, reason: "contract ended" });
    const support = await person("support");
    const input = { id, planHash: act.planHash, decision: "approve" as const };
    await expect(decide(support.actor, input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(propose(systemActor("test"), { ...act, reason: "x" })).rejects.toMatchObject({ code: "approval" });
  });

  test("a declined or withdrawn proposal is closed, and the list shows who did what", async () => {
    const declined = await propose(proposer.actor, { ...act, reason: "first" });
    await decide(approver.actor, { id: declined, planHash: act.planHash, decision: "decline" });
    const withdrawn = await propose(proposer.actor, { ...act, reason: "second" });
    await withdraw(proposer.actor, { id: withdrawn });
    for (const id of [declined, withdrawn]) {
      await expect(decide(approver.actor, { id, planHash: act.planHash, decision: "approve" })).rejects.toMatchObject({
        code: "conflict",
      });
    }
    const { rows } = await listApprovals(approver.actor, { state: "all" });
    expect(rows.find(({ id }) => id === declined)).toMatchObject({
      state: "declined",
      declinedBy: "Bo",
      reason: "first",
    });
    expect(rows.find(({ id }) => id === withdrawn)).toMatchObject({ state: "declined", declinedBy: "Ada" });
  });

  test("pages of the list neither repeat nor lose a proposal", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listApprovals(proposer.actor, { state: "all", ...(cursor ? { cursor } : {}) }, 3);
      seen.push(...page.rows.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(await control().$count(approvals));
  });
});

describe("hand-written SQL", () => {
  const run = (text: string, values: unknown[]) => controlPool().query(text, values);
  const insert = `INSERT INTO approvals (verb, subject, plan_hash, reason, proposed_by) VALUES ('v.x', 's', 'h', 'r', $1) RETURNING id`;
  const proposed = async (): Promise<string> => (await run(insert, [proposer.id])).rows[0].id;
  const approve = "UPDATE approvals SET approved_by = $2, approved_at = now() WHERE id = $1";
  const use = "UPDATE approvals SET used_by = $2, used_at = now() WHERE id = $1";

  test("can not approve as the proposer, as support, or as somebody disabled", async () => {
    const id = await proposed();
    const support = await person("support");
    const disabled = await person("administrator");
    await control().update(staff).set({ disabledAt: new Date().toISOString() }).where(eq(staff.id, disabled.id));
    for (const who of [proposer, support, disabled]) {
      await expect(run(approve, [id, who.id])).rejects.toMatchObject({ constraint: "approvals_guard_approver" });
    }
  });

  test("can not propose with the decision already made, nor for longer than an hour", async () => {
    const decided = `INSERT INTO approvals (verb, subject, plan_hash, reason, proposed_by, approved_by, approved_at)
                     VALUES ('v.x', 's', 'h', 'r', $1, $2, now())`;
    await expect(run(decided, [proposer.id, approver.id])).rejects.toMatchObject({
      constraint: "approvals_guard_bare",
    });
    const { rows } = await run(
      `INSERT INTO approvals (verb, subject, plan_hash, reason, proposed_by, proposed_at, expires_at)
       VALUES ('v.x', 's', 'h', 'r', $1, now() + interval '1 day', now() + interval '1 day') RETURNING expires_at <= clock_timestamp() + interval '1 hour' AS kept`,
      [proposer.id],
    );
    expect(rows[0].kept).toBe(true);
  });

  test("can not change what a proposal is bound to", async () => {
    const id = await proposed();
    for (const change of ["plan_hash = 'other'", "verb = 'v.y'", "expires_at = now()", "reason = 'other'"]) {
      await expect(run(`UPDATE approvals SET ${change} WHERE id = $1`, [id])).rejects.toMatchObject({
        constraint: "approvals_guard_bound",
      });
    }
  });

  test("can not use without an approval, use as another, use twice, or move back", async () => {
    const id = await proposed();
    await expect(run(use, [id, proposer.id])).rejects.toMatchObject({ constraint: "approvals_guard_approver" });
    await run(approve, [id, approver.id]);
    await expect(run(use, [id, approver.id])).rejects.toMatchObject({ constraint: "approvals_guard_user" });
    await expect(
      run("UPDATE approvals SET approved_by = NULL, approved_at = NULL WHERE id = $1", [id]),
    ).rejects.toMatchObject({ constraint: "approvals_guard_forward" });
    await run(use, [id, proposer.id]);
    await expect(run(use, [id, proposer.id])).rejects.toMatchObject({ constraint: "approvals_guard_forward" });
    await expect(run("UPDATE approvals SET used_by = NULL, used_at = NULL WHERE id = $1", [id])).rejects.toMatchObject({
      constraint: "approvals_guard_forward",
    });
  });

  test("can not approve or use after the hour", async () => {
    const id = await proposed();
    // The only way to let an hour pass here: the owner of the table sets its guard aside.
    await run("ALTER TABLE approvals DISABLE TRIGGER approvals_guard_update", []);
    await run(
      "UPDATE approvals SET proposed_at = now() - interval '61 minutes', expires_at = now() - interval '1 minute' WHERE id = $1",
      [id],
    );
    await run("ALTER TABLE approvals ENABLE ALWAYS TRIGGER approvals_guard_update", []);
    await expect(run(approve, [id, approver.id])).rejects.toMatchObject({ constraint: "approvals_guard_expired" });
  });

  test("can not remove proposals, also not in replica mode", async () => {
    const id = await proposed();
    await expect(run("DELETE FROM approvals WHERE id = $1", [id])).rejects.toMatchObject({
      constraint: "approvals_guard_keep",
    });
    await expect(run("TRUNCATE approvals", [])).rejects.toMatchObject({ constraint: "approvals_guard_keep" });
    const client = await controlPool().connect();
    try {
      await client.query("SET session_replication_role = replica");
      await expect(client.query("DELETE FROM approvals WHERE id = $1", [id])).rejects.toMatchObject({
        constraint: "approvals_guard_keep",
      });
    } finally {
      client.release(true);
    }
  });

  test("finds the same roles in the database as in the code", async () => {
    const deciders = [];
    for (const role of ["administrator", "support", "compliance"] as const) {
      const { id } = await person(role);
      const { rows } = await run("SELECT approvals_may_decide($1) AS may", [id]);
      if (rows[0].may) deciders.push(role);
    }
    expect(deciders).toEqual(rolesWith("approvals.decide"));
  });
});
