import { environment } from "#db/environment.ts";
import { createSetupLink } from "#db/staff/first.ts";
import type { Command } from "../command.ts";

const link: Command = {
  name: "setup link",
  usage: "",
  summary: "Make the one-time link with which the first administrator joins",
  beforeAnybody: true,
  async run(actor) {
    const { token, expiresAt } = await createSetupLink(actor);
    const url = new URL(`/join/${token}`, environment().CARETAKER_URL).href;
    return { json: { url, expiresAt }, text: `${url}\nIt works once, until ${expiresAt}.` };
  },
};

export const setupCommands: Command[] = [link];
