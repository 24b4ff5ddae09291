import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Scenario, Tally } from "./scenario.ts";

/** Exports, killed at every step. A process of its own, since the configuration is parsed once. */
export const scenario: Scenario = {
  name: "export",
  async run({ server, points, seed }) {
    const script = join(import.meta.dirname, "..", "export", "run.ts");
    const env = { ...process.env, CARETAKER_TEST_SERVER: server.href };
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(points), String(seed)], { env });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Tally;
  },
};
