import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { idsOf } from "#db/audit/proof/id-bytes.ts";
import { readLog } from "#db/audit/proof/log.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { leafTiles } from "#db/audit/proof/tiles.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { closeControl, controlPool } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
import { systemActor } from "#db/mint.ts";
import { type Adopted, adoptedDatabase } from "#db/testing/adopted.ts";
import { freshControl } from "#db/testing/databases.ts";
import { random } from "../random.ts";
import type { Scenario, Tally } from "./scenario.ts";

const child = `${import.meta.dirname}/sealer-process.mjs`;

/** Kills the sealer, and its connections in both databases, while entries keep coming; then every entry must be in the tree once. */
export const scenario: Scenario = {
  name: "seal",
  async run({ server, points, seed }) {
    process.env.CARETAKER_TEST_SERVER = server.href;
    const chance = random(seed);
    await freshControl();
    const app = await adoptedDatabase(
      "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)",
    );
    const tally: Tally = { points: 0, lost: 0, duplicate: 0, falseWhole: 0 };
    try {
      await write(app, 20_000);
      let sealer = await begin(app);
      while (tally.points < points) {
        await write(app, 1 + Math.floor(chance() * 3_000));
        await pause(chance() * 120);
        if (chance() < 0.5) {
          sealer.kill("SIGKILL");
          await gone(sealer);
          sealer = await begin(app);
        } else await terminate(app, chance() < 0.5);
        tally.points += 1;
        if (sealer.exitCode !== null) sealer = await begin(app);
        if (tally.points % 25 === 0 && !(await agrees(app))) tally.falseWhole += 1;
      }
      sealer.kill("SIGKILL");
      await gone(sealer);
      return { ...tally, ...(await settled(app, tally)) };
    } finally {
      await app.client.end();
      await closeFleet();
      await closeControl();
    }
  },
};

async function write({ client }: Adopted, rows: number): Promise<void> {
  await client.query("INSERT INTO notes (body) SELECT 'note ' || n FROM generate_series(1, $1::int) n", [rows]);
}

async function begin(app: Adopted): Promise<ChildProcess> {
  const sealer = fork(child, [app.id], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(sealer, "message");
  return sealer;
}

async function gone(sealer: ChildProcess): Promise<void> {
  if (sealer.exitCode === null && sealer.signalCode === null) await once(sealer, "exit");
}

/** Ends the sealer's connections in the control database or in the audited one, as a crashed server would. */
async function terminate(app: Adopted, inControl: boolean): Promise<void> {
  const name = inControl ? "caretaker control" : "caretaker";
  const pool = controlPool();
  await app.client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = $1 AND pid <> ALL ($2::int[]) AND datname IN (current_database(), $3)`,
    [name, [(await pool.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid ?? 0], controlName()],
  );
}

function controlName(): string {
  return new URL(process.env.DATABASE_URL ?? "").pathname.slice(1);
}

const actor = systemActor("faults");

/** What is sealed agrees with the log at every moment: a tree that was half written would not. */
async function agrees(app: Adopted): Promise<boolean> {
  const log = await readLog(controlPool(), app.id);
  return !log || log.size === 0 || (await verifyLog(actor, app.id)).verdict === "good";
}

async function settled(app: Adopted, tally: Tally): Promise<Pick<Tally, "lost" | "duplicate" | "falseWhole">> {
  const { rows } = await app.client.query<{ id: string }>("SELECT id::text FROM caretaker.audit_logs");
  const sealed = new Map<string, number>();
  for (let tries = 0; tries < 50 && (await readLog(controlPool(), app.id))?.size !== rows.length; tries++) {
    await sealLog(actor, app.id, { seconds: 0 });
    await pause(100);
  }
  const size = (await readLog(controlPool(), app.id))?.size ?? 0;
  for await (const tile of leafTiles(controlPool(), app.id, size))
    for (const id of idsOf(tile.ids ?? Buffer.alloc(0))) sealed.set(String(id), (sealed.get(String(id)) ?? 0) + 1);
  return {
    lost: rows.filter(({ id }) => !sealed.has(id)).length,
    duplicate: [...sealed.values()].filter((times) => times > 1).length,
    falseWhole: tally.falseWhole + ((await agrees(app)) ? 0 : 1),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
