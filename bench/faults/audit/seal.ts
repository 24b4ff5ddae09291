import { setTimeout as pause } from "node:timers/promises";
import { idsOf } from "#db/audit/proof/id-bytes.ts";
import { readLog } from "#db/audit/proof/log.ts";
import { publishedCheckpoints } from "#db/audit/proof/publish.ts";
import { sealLog } from "#db/audit/proof/seal.ts";
import { leafTiles } from "#db/audit/proof/tiles.ts";
import { verifyLog } from "#db/audit/proof/verify-log.ts";
import { controlPool } from "#db/control.ts";
import { systemActor } from "#db/mint.ts";
import { type Subject, tapped, tappedDatabase } from "./adopt.ts";
import { victimOf } from "./kill-jobs.ts";
import { Moments, recognise } from "./moments.ts";
import { add, type Found, type Ground, nothing, type Scenario, type Tally } from "./scenario.ts";
import { patienceMs, patiently } from "./watch.ts";
import { Workers } from "./workers.ts";

const actor = systemActor("faults");

/** More than one of the sealer's batches, so that some blows fall between two. */
const many = 17_000;
const verifyEvery = 10;

/** The sealer, killed at every step while entries keep coming; then every entry must be in the tree, once. */
export const scenario: Scenario = {
  name: "seal",
  async run(ground, points) {
    const app = await tappedDatabase(
      ground.tap,
      "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)",
    );
    const workers = await Workers.start(tapped(ground.tap), ["seal", app.id]);
    const tally: Tally = { ...nothing, points: {}, givenUp: 0, statements: 0, struck: 0 };
    try {
      const moments = await undisturbed(ground, app);
      for (let made = 0; made < points; ) {
        const [moment] = moments.next(1);
        if (!moment) throw new Error("The sealer ran no statement.");
        const victim = victimOf(made);
        const armed = ground.tap.arm({
          picks: recognise(moment),
          side: moment.side,
          laterMs: moment.laterMs,
          strike: async () => (victim === "worker" ? workers.kill() : ground.server.kill()),
        });
        const struck = await struckWhileWriting(app, armed, () =>
          made % 8 === 7 ? many : 1 + Math.floor(ground.chance() * 300),
        );
        ground.tap.disarm();
        if (struck === null) throw new Error("The sealer stands still.");
        made += 1;
        tally.points[victim] = (tally.points[victim] ?? 0) + 1;
        moments.hit(moment);
        if (victim === "database") await ground.server.recover();
        else await workers.follow();
        await struck.writing;
        if (made % verifyEvery === 0 && !(await patiently(() => agrees(app)))) tally.falseWhole += 1;
      }
      await workers.end();
      add(tally, await settled(app));
      return { ...tally, ...moments.counts };
    } finally {
      await workers.end();
      await app.end();
    }
  },
};

/**
 * Some statements come only now and then, so entries are written until the chosen one does; null when it never comes. A blow at the
 * database may fall while they are written: `writing` goes on once it has recovered.
 */
async function struckWhileWriting(
  app: Subject,
  armed: Promise<string | null>,
  rows: () => number,
): Promise<{ writing: Promise<void> } | null> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; ) {
    const writing = write(app, rows());
    writing.catch(() => {}); // told to whoever waits for it
    const statement = await Promise.race([armed, writing.then(() => pause(1_000, undefined))]);
    if (statement === null) return null;
    if (statement !== undefined) return { writing };
  }
  return null;
}

async function write(app: Subject, rows: number): Promise<void> {
  await app.query("INSERT INTO notes (body) SELECT 'note ' || n FROM generate_series(1, $1::int) n", [rows]);
}

/** One round that seals, to learn its statements by. */
async function undisturbed({ tap, chance }: Ground, app: Subject): Promise<Moments> {
  await write(app, 100);
  await untilSealed(app, 100);
  const passed = tap.record();
  await write(app, 100);
  await untilSealed(app, 200);
  const round = [...passed];
  const first = round.findIndex(({ statement }) => statement.startsWith("BEGIN"));
  return new Moments(round.slice(Math.max(0, first)), chance);
}

async function untilSealed(app: Subject, size: number): Promise<void> {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await pause(10)) {
    if ((await readLog(controlPool(), app.id))?.size === size) return;
  }
  throw new Error(`The sealer did not reach ${size} entries.`);
}

/** What is sealed agrees with the log and with the checkpoints that went out, at every moment. */
async function agrees(app: Subject): Promise<boolean> {
  const log = await readLog(controlPool(), app.id);
  if (!log || log.size === 0) return true;
  const { verdict, findings } = await verifyLog(actor, app.id, { published: await publishedCheckpoints(app.id) });
  if (verdict === "bad") console.error("The log and its tree disagree:", JSON.stringify(findings.slice(0, 3)));
  return verdict === "good";
}

async function settled(app: Subject): Promise<Found> {
  const rows = await app.query<{ id: string }>("SELECT id::text FROM caretaker.audit_logs");
  for (let tries = 0; tries < 50 && (await readLog(controlPool(), app.id))?.size !== rows.length; tries++) {
    await sealLog(actor, app.id, { seconds: 0 });
    await pause(50);
  }
  const size = (await readLog(controlPool(), app.id))?.size ?? 0;
  const sealed = new Map<string, number>();
  for await (const tile of leafTiles(controlPool(), app.id, size))
    for (const id of idsOf(tile.ids ?? Buffer.alloc(0))) sealed.set(String(id), (sealed.get(String(id)) ?? 0) + 1);
  return {
    lost: rows.filter(({ id }) => !sealed.has(id)).length,
    duplicate: [...sealed.values()].filter((times) => times > 1).length,
    falseWhole: (await agrees(app)) ? 0 : 1,
  };
}
