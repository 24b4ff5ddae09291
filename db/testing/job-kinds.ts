import { setTimeout as pause } from "node:timers/promises";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { controlPool } from "../control.ts";
import { Refusal } from "../errors.ts";
import { withDatabase } from "../fleet.ts";
import type { JobKind } from "../jobs/kind.ts";

// Kinds for the tests of the queue itself. Each step leaves a row in `effects`, so that a test can count what ran.

async function effect(job: string, step: string): Promise<void> {
  await controlPool().query("INSERT INTO effects (job, step, pid) VALUES ($1, $2, $3)", [job, step, process.pid]);
}

export const fixtureKinds: JobKind[] = [
  {
    kind: "test.steps",
    async run(job) {
      const first = await job.step("first", async () => {
        await effect(job.id, "first");
        return { by: process.pid };
      });
      await job.stepInControl("second", async (_tx, client) => {
        await client.query("INSERT INTO effects (job, step, pid) VALUES ($1, 'second', $2)", [job.id, process.pid]);
        // The process that is told to linger does so in the middle of its transaction.
        if (job.input.linger === true && process.env.LINGER) await pause(60_000);
        return {};
      });
      await job.step("third", async () => {
        await effect(job.id, "third");
        return {};
      });
      return { first: first.by, last: process.pid };
    },
  },
  {
    kind: "test.between",
    async run(job) {
      await job.step("first", async () => ({ by: process.pid }));
      if (process.env.LINGER) await pause(Number(process.env.LINGER));
      await job.step("second", async () => {
        await effect(job.id, "second");
        return {};
      });
      return { last: process.pid };
    },
  },
  {
    kind: "test.endless",
    async run(job) {
      await job.progress({ done: 1, total: null, unit: "rows", line: "begun" });
      await pause(60_000, undefined, { signal: job.signal });
      return {};
    },
  },
  {
    kind: "test.fails",
    async run(job) {
      if (job.input.how === "refusal")
        throw new Refusal("unsupported", "It cannot be done.", { fix: "Do it by hand." });
      if (job.input.how === "query") throw new DrizzleQueryError("SELECT $1", ["canary"], new Error("it is too long"));
      throw new Error("a wheel came off");
    },
  },
  {
    kind: "test.asks",
    async run(job) {
      await withDatabase(String(job.input.databaseId), (client) => client.query("SELECT 1"));
      return {};
    },
  },
  {
    kind: "test.actor",
    async run(job) {
      return { name: job.actor.name, role: job.actor.role, capabilities: [...job.actor.capabilities].sort() };
    },
  },
];
