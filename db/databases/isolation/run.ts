import pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { connectionConfig } from "../../connection.ts";
import { Refusal } from "../../errors.ts";
import { named } from "../../fleet-pools.ts";
import { readRegistered } from "../../fleet-register.ts";
import { plainMessage } from "../../log.ts";
import { readStoredModel } from "../stored-model.ts";
import { checkDatabase, type Watching } from "./check.ts";
import type { CheckReport } from "./contract.ts";
import { keepFailure, keepReport } from "./keep.ts";

/** A statement has its own end; when the network swallows even that answer, the check gives up after this much silence. */
const silenceMs = 60_000;

/** Checks one database now and keeps what was found. A check that could not be made is kept too, with its reason. */
export async function runIsolationCheck(
  actor: Actor,
  databaseId: string,
  watching: Watching,
): Promise<{ runId: string; report: CheckReport }> {
  authorise(actor, "databases.manage");
  const { model } = await readStoredModel(databaseId);
  const startedAt = new Date().toISOString();
  try {
    const report = await onNewConnection(databaseId, watching, (client, watched) =>
      checkDatabase(client, model, watched),
    );
    return { runId: await keepReport(actor, databaseId, startedAt, report), report };
  } catch (error) {
    if (watching.signal.aborted) throw error;
    const fix = error instanceof Refusal ? (error.fix ?? null) : null;
    await keepFailure(actor, databaseId, startedAt, plainMessage(error), fix);
    throw error;
  }
}

async function onNewConnection<T>(
  databaseId: string,
  { progress, signal }: Watching,
  work: (client: pg.Client, watching: Watching) => Promise<T>,
): Promise<T> {
  const { server, name } = await readRegistered(databaseId);
  const client = new pg.Client({
    ...(await connectionConfig(server, name)),
    application_name: "caretaker isolation",
    keepAlive: true,
  });
  client.on("error", () => {}); // a connection lost while idle shows at the next query
  await named(client.connect(), server, name);
  let timer: NodeJS.Timeout | undefined;
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => reject(new Refusal("timeout", `${name} did not answer for a minute.`, { fix: "Check again later." })),
      silenceMs,
    );
  };
  const watched: Watching = {
    signal,
    progress: (...told) => {
      heard();
      return progress(...told);
    },
  };
  try {
    heard();
    return await named(Promise.race([work(client, watched), silence]), server, name);
  } finally {
    clearTimeout(timer);
    // Not waited for: a server that swallows packets would hold it.
    void client.end().catch(() => undefined);
  }
}
