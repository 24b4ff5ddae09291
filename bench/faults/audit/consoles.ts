import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "#bin/start/build.ts";
import { untilAnswering } from "#bin/start/web.ts";
import { anyFreePort } from "#db/local/port.ts";

/** The address that browsers would use; whoever asks says that it comes from there. */
export const origin = "http://caretaker.test";

// Beside a build and a browser a process takes a minute for what is otherwise three seconds.
const answerMsMax = 300_000;
const launchesMax = 3;

interface Running {
  process: ChildProcess;
  port: number;
  /** Until then process and port may still become others. */
  answering: Promise<void>;
}

/** One web process that serves, and one that has started and waits, so that a killed one is followed at once. */
export class Consoles {
  private readonly server: string;
  private readonly url: string;
  private current: Running;
  private standby: Running;

  /** `url` is the control database as the console reaches it. Builds the console where that was not done. */
  static async start(url: string): Promise<Consoles> {
    const server = await build(join(import.meta.dirname, "..", "..", ".."));
    const first = await launch(server, url);
    return new Consoles(server, url, first, await launch(server, url));
  }

  private constructor(server: string, url: string, current: Running, standby: Running) {
    this.server = server;
    this.url = url;
    this.current = current;
    this.standby = standby;
  }

  /** Once it answers. */
  async port(): Promise<number> {
    await this.current.answering;
    return this.current.port;
  }

  kill(): void {
    this.current.process.kill("SIGKILL");
  }

  async follow(): Promise<void> {
    await gone(this.current);
    this.current = this.standby;
    await this.current.answering;
    this.standby = await launch(this.server, this.url);
  }

  async end(): Promise<void> {
    for (const one of [this.current, this.standby]) one.process.kill("SIGKILL");
    await Promise.all([gone(this.current), gone(this.standby)]);
  }
}

async function launch(server: string, url: string): Promise<Running> {
  const running: Running = { ...(await begin(server, url)), answering: Promise.resolve() };
  running.answering = untilServing(running, () => begin(server, url));
  running.answering.catch(() => {}); // told to whoever asks for the port
  return running;
}

/** A process that ends by itself before it answers found its port taken meanwhile, and is begun again with another. */
async function untilServing(running: Running, again: () => Promise<Omit<Running, "answering">>): Promise<void> {
  for (let launches = 1; ; launches++) {
    const { process, port } = running;
    const isAlive = () => process.exitCode === null && process.signalCode === null;
    const failure = await untilAnswering(port, { msMax: answerMsMax, isAlive }).then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null && isAlive()) return;
    if (isAlive() || process.signalCode !== null || launches === launchesMax) {
      throw failure ?? new Error("The web process ended before it answered.");
    }
    Object.assign(running, await again());
  }
}

async function begin(server: string, url: string): Promise<Omit<Running, "answering">> {
  const port = await anyFreePort();
  const verbose = process.env.CARETAKER_FAULTS_VERBOSE ? "inherit" : "ignore";
  const web = spawn(process.execPath, [server], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      DATABASE_URL: url,
      CARETAKER_URL: origin,
      HOSTNAME: "127.0.0.1",
      PORT: String(port),
    },
    stdio: ["ignore", verbose, verbose],
  });
  return { process: web, port };
}

async function gone({ process }: Running): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, "exit");
}
