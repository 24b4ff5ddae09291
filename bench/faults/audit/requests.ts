import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pino from "pino";
import { exportRequest } from "#db/audit/export/contract.ts";
import { exportJobs } from "#db/audit/export/jobs.ts";
import { issueExportLink } from "#db/audit/export/links.ts";
import { exportRow } from "#db/audit/export/record.ts";
import { requestExport } from "#db/audit/export/request.ts";
import { work } from "#db/jobs/work.ts";
import { systemActor } from "#db/mint.ts";
import { objectStore } from "#db/objects/configured.ts";
import { bootstrapDemoStaff } from "#db/staff/first.ts";
import { type Act, acts, type Stage } from "./acts.ts";
import { type Subject, tapped, tappedDatabase } from "./adopt.ts";
import { Consoles, origin } from "./consoles.ts";
import { Moments, recognise } from "./moments.ts";
import { add, type Ground, nothing, type Scenario, type Tally } from "./scenario.ts";
import { type Answer, signInAt, visit } from "./visit.ts";
import { ended } from "./watch.ts";

const actor = systemActor("faults");
const root = join(import.meta.dirname, "..", "..", "..");

/** Together more than the buffers between two sockets take, so that a download is cut where we want. */
const entries = 5_000;
const bytesEach = 3_000;
const missedMax = 20;

/** The web process and the database, killed while people download, ask for exports, issue links and read. */
export const scenario: Scenario = {
  name: "requests",
  async run(ground, points) {
    const app = await tappedDatabase(ground.tap, "CREATE TABLE notes (id int PRIMARY KEY)");
    const consoles = await Consoles.start(tapped(ground.tap));
    try {
      return await strikeAll(ground, consoles, await setStage(app, consoles), points);
    } finally {
      await consoles.end();
      await app.end();
    }
  },
};

async function setStage(app: Subject, consoles: Consoles): Promise<Stage> {
  await app.query(
    `INSERT INTO caretaker.audit_logs (created_at, id, transaction_id, action, resource_type, resource_id, new_values)
     SELECT now() - k * interval '1 second', k, '5', 'create', 'things', k, jsonb_build_object('k', repeat(md5(k::text), $2::int / 32))
       FROM generate_series(1, $1::int) k`,
    [entries, bytesEach],
  );
  const query = `database=${app.id}`;
  const { jobId } = await requestExport(actor, exportRequest.parse({ query, format: "ndjson" }));
  const working = work(exportJobs, { log: pino({ level: "silent" }), pollMs: 20 });
  await ended(jobId);
  await working.stop();
  const { file, manifestFile } = await exportRow(jobId);
  const { url } = await issueExportLink(actor, { id: jobId, hours: 24, note: "the stage" });
  const [administrator] = await bootstrapDemoStaff(actor);
  if (!administrator) throw new Error("Nobody can sign in.");
  const { email, password } = administrator;
  const newest = await app.query<{ id: string }>(
    "SELECT id::text AS id FROM caretaker.audit_logs ORDER BY created_at DESC, audit_logs.id DESC LIMIT 100",
  );
  return {
    cookie: await signInAt(await consoles.port(), origin, { email, password }),
    exportId: jobId,
    databaseId: app.id,
    link: new URL(url).pathname,
    text: await readFile(objectStore().fileOf(file ?? "") ?? "", "utf8"),
    manifest: await readFile(objectStore().fileOf(manifestFile ?? "") ?? "", "utf8"),
    issueLink: await actionId("app/(console)/audit/exports/actions.ts", "issueExportLink"),
    newest: newest.map(({ id }) => id),
  };
}

/** Next's name for a server action, out of the build. */
async function actionId(filename: string, exportedName: string): Promise<string> {
  const file = join(root, ".next", "standalone", ".next", "server", "server-reference-manifest.json");
  const { node }: { node: Record<string, { filename?: string; exportedName?: string }> } = JSON.parse(
    await readFile(file, "utf8"),
  );
  const found = Object.entries(node).find(([, one]) => one.filename === filename && one.exportedName === exportedName);
  if (!found) throw new Error(`The build has no action ${exportedName}.`);
  return found[0];
}

async function strikeAll(ground: Ground, consoles: Consoles, stage: Stage, points: number): Promise<Tally> {
  const tally: Tally = { ...nothing, points: {}, givenUp: 0, statements: 0, struck: 0 };
  const known = new Map<Act, Moments>();
  let [asked, missed] = [0, 0];
  const mark = () => `mark-${++asked}`;

  /** Twice: what a process does at its first request only is no part of the act. */
  async function undisturbed(act: Act): Promise<Moments> {
    for (let times = 0; ; times++) {
      const passed = ground.tap.record();
      const one = mark();
      const answer = await visit(await consoles.port(), act.ask(stage, one));
      if (answer?.status !== 200) throw new Error(`${act.name}: ${answer?.status} ${answer?.body.subarray(0, 500)}`);
      add(tally, await act.judge(stage, one, answer));
      if (times === 1) return new Moments([...passed], ground.chance);
    }
  }

  for (let made = 0; made < points; ) {
    const act = acts[made % acts.length] as Act;
    const moments = known.get(act) ?? (await undisturbed(act));
    known.set(act, moments);
    const victim = made % 3 === 2 ? "database" : "web";
    const one = mark();
    const strike = async () => (victim === "web" ? consoles.kill() : ground.server.kill());
    const answer = await struckDuring(ground, await consoles.port(), stage, act, one, moments, strike);
    if (answer === "missed") {
      if (++missed > missedMax) throw new Error(`${act.name} does not come to where it is to be struck.`);
      continue;
    }
    missed = 0;
    made += 1;
    tally.points[victim] = (tally.points[victim] ?? 0) + 1;
    if (victim === "web") await consoles.follow();
    else await ground.server.recover();
    await ground.tap.settled();
    add(tally, await act.judge(stage, one, answer));
  }
  for (const { counts } of known.values()) {
    tally.statements += counts.statements;
    tally.struck += counts.struck;
  }
  return tally;
}

/** Half of the blows at a download fall while the file is on its way, all others at a statement. */
async function struckDuring(
  { tap, chance }: Ground,
  port: number,
  stage: Stage,
  act: Act,
  mark: string,
  moments: Moments,
  strike: () => Promise<void>,
): Promise<Answer | null | "missed"> {
  const asked = act.ask(stage, mark);
  if (act.name.startsWith("download") && chance() < 0.5) {
    const at = chance() * stage.text.length;
    let struck: Promise<void> | null = null;
    const onBytes = (bytes: number) => {
      if (bytes >= at) struck ??= strike();
    };
    const answer = await visit(port, { ...asked, onBytes });
    if (struck === null) return "missed";
    await struck;
    return answer;
  }
  const [moment] = moments.next(1);
  if (!moment) throw new Error(`${act.name} runs no statement.`);
  const armed = tap.arm({ picks: recognise(moment), side: moment.side, laterMs: moment.laterMs, strike });
  const answer = await visit(port, asked);
  tap.disarm();
  if ((await armed) === null) return "missed";
  moments.hit(moment);
  return answer;
}
