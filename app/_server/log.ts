import pino from "pino";
import { withoutSecrets } from "#db/log.ts";

/** The console's log: JSON lines on standard output, without secrets. */
export const log = pino({ name: "caretaker web", ...withoutSecrets });
