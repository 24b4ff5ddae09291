"use server";
import { publicAction } from "#app/_server/action.ts";
import { acceptInvitationSchema } from "#db/staff/contract.ts";
import { acceptInvitation } from "#db/staff/join.ts";

export const join = publicAction(
  "Whoever joins has no account or no password; the link's secret stands for the invitation.",
  acceptInvitationSchema,
  (visit, input) => acceptInvitation(input, visit),
);
