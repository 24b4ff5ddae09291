import { rotateKeys } from "#db/secrets/rotate.ts";
import type { Command } from "../command.ts";

const rotate: Command = {
  name: "keys rotate",
  usage: "",
  summary: "Re-wrap every sealed credential under CARETAKER_KEY; older keys stand in CARETAKER_KEY_PREVIOUS",
  async run(actor) {
    const done = await rotateKeys(actor);
    return { json: done, text: `${done.rewrapped} credentials were re-wrapped; all are under the key ${done.keyId}.` };
  },
};

export const keyCommands: Command[] = [rotate];
