import { join } from "node:path";
import { closeControl } from "#db/control.ts";
import { environment } from "#db/environment.ts";
import { closeFleet } from "#db/fleet.ts";
import { takeLock } from "#db/local/lock.ts";
import { migrate } from "#db/migrate.ts";
import { systemActor } from "#db/mint.ts";
import { requireKeys } from "#db/secrets/require.ts";
import { build } from "./build.ts";
import { endLeftovers, supervise } from "./children.ts";
import { openDatabase } from "./database.ts";
import { configure, webCommand, webEnvironment } from "./environment.ts";
import { explainFailure } from "./failure.ts";
import { firstRun, tellWayIn, type WayIn } from "./first-run.ts";
import { makeDataFolder } from "./folder.ts";
import { type Options, readOptions } from "./options.ts";
import { addressWarning, announce, choosePort, untilAnswering } from "./web.ts";

const root = join(import.meta.dirname, "..", "..");
/** What has been started, ended in reverse order whatever happens. */
const endings: (() => Promise<void>)[] = [];
let ending: Promise<void> | undefined;
/** Aborted when the end has come; what is under way gives up. */
const leaving = new AbortController();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void end(0));
await start(readOptionsOrEnd()).catch(async (error: unknown) => {
  // What was stopped half-way fails as well, and did as it was told.
  if (!ending) console.error(`\n${explainFailure(error)}`);
  await end(1);
});

async function start(options: Options): Promise<void> {
  await makeDataFolder(options.data);
  endings.push(await takeLock(join(options.data, "lock"), "Caretaker"));
  const leftovers = join(options.data, "processes");
  await endLeftovers(leftovers);
  const port = await choosePort(options.port, options.host);
  if (ending) return;
  // The build needs no database, and the database no build.
  const building = options.dev ? Promise.resolve("") : build(root, leaving.signal);
  endings.push(async () => void (await building.catch(() => null)));
  const [server, wayIn] = await Promise.all([building, prepareDatabase(options, port)]);
  if (ending) return;

  const web = webCommand(options, root, server, port);
  const watch = options.dev ? ["--watch", "--watch-preserve-output"] : [];
  const worker = [process.execPath, ...watch, join(root, "bin", "worker.ts")];
  const children = [
    { name: "web", command: web, env: webEnvironment(options, port) },
    { name: "worker", command: worker, env: { ...process.env, NODE_ENV: "production" as const } },
  ];
  const running = supervise(children, leftovers, (name) => {
    console.error(
      `\nThe ${name} process ended five times within a minute. Its last words are above; correct that and start again.`,
    );
    void end(1);
  });
  endings.push(() => running.stop());
  await untilAnswering(port, { host: options.host });
  const url = process.env.CARETAKER_URL ?? "";
  announce(url);
  const warning = addressWarning(url, environment().CARETAKER_PROXY_HOPS);
  if (warning) console.warn(`\n${warning}`);
  await tellWayIn(options, url, wayIn);
}

async function prepareDatabase(options: Options, port: number): Promise<WayIn> {
  const opening = openDatabase(options, leaving.signal);
  endings.push(async () => (await opening.catch(() => null))?.cluster?.stop());
  const database = await opening;
  const { cluster } = database;
  if (cluster) {
    void cluster.exited.then(() => {
      if (ending) return;
      console.error(
        `\nPostgreSQL ended unexpectedly; its log is ${cluster.log}. Start again: what was committed is safe.`,
      );
      void end(1);
    });
  }
  await configure(options, database, port);
  await migrate(console.log);
  await requireKeys(systemActor("npm start"));
  const wayIn = await firstRun(options, cluster);
  await closeFleet();
  await closeControl();
  return wayIn;
}

function end(code: number): Promise<void> {
  ending ??= (async () => {
    if (code === 0) console.log("\nStopping …");
    leaving.abort();
    for (const stop of endings.reverse()) await stop().catch((error: unknown) => console.error(explainFailure(error)));
    process.exit(code);
  })();
  return ending;
}

function readOptionsOrEnd(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(explainFailure(error));
    process.exit(1);
  }
}
