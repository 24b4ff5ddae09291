"use server";
import { staffAction } from "#app/_server/action.ts";
import { ownOrigin } from "#app/_server/origin.ts";
import { changeRoleSchema, idSchema, inviteSchema, staffIdSchema } from "#db/staff/contract.ts";
import * as invitations from "#db/staff/invitations.ts";
import * as people from "#db/staff/people.ts";

export const invite = staffAction("staff.manage", inviteSchema, async (actor, input) => {
  const { token, expiresAt } = await invitations.invite(actor, input);
  return { link: `${ownOrigin()}/join/${token}`, expiresAt };
});

export const revokeInvitation = staffAction("staff.manage", idSchema, invitations.revokeInvitation);

export const changeRole = staffAction("staff.manage", changeRoleSchema, people.changeRole);

export const disableStaff = staffAction("staff.manage", staffIdSchema, people.disableStaff);
