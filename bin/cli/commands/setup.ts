import { environment } from "#db/environment.ts";
import { createSetupLink } from "#db/staff/first.ts";
import { createPasswordLink, type InvitationLink } from "#db/staff/invitations.ts";
import { type Command, type Output, only } from "../command.ts";

const link: Command = {
  name: "setup link",
  usage: "",
  summary: "Make the one-time link with which the first administrator joins",
  beforeAnybody: true,
  async run(actor) {
    return shown(await createSetupLink(actor));
  },
};

// Whoever runs this holds the control database's address and the master key, and with them everything.
const password: Command = {
  name: "setup password",
  usage: "EMAIL",
  summary: "Make a one-time link with which somebody who has an account, also a disabled one, sets a new password",
  beforeAnybody: true,
  async run(actor, input) {
    return shown(await createPasswordLink(actor, { email: only(input, "an e-mail address") }));
  },
};

export const setupCommands: Command[] = [link, password];

function shown({ token, expiresAt }: InvitationLink): Output {
  const url = new URL(`/join/${token}`, environment().CARETAKER_URL).href;
  return { json: { url, expiresAt }, text: `${url}\nIt works once, until ${expiresAt}.` };
}
