import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { identifier, relation } from "#db/managed/statement.ts";
import type { Move } from "#db/moves/move.ts";
import type { Place } from "#db/moves/plan/place.ts";
import type { Application } from "../ledger/application.ts";
import { ask } from "../patience.ts";
import { limitFiles, type Reached, type Servers, urlOf } from "./servers.ts";
import type { Struck, Workers } from "./workers.ts";

/** What a blow needs to know besides where it falls. */
export interface Scene {
  servers: Servers;
  workers: Workers;
  application: Application;
  move: Move;
  /** Waits until a killed or frozen worker's lease is over by itself. */
  patient: boolean;
  chance: () => number;
}

/** Carries out a blow, waits for its time and takes it back. */
export async function strike(told: Struck & { worker: number }, scene: Scene): Promise<void> {
  const { servers, move, chance } = scene;
  const server = servers.of(move, told.end);
  const whileMs = chance() < 0.3 ? 5_000 + chance() * 3_000 : chance() * 1_500;
  switch (told.blow) {
    case "kill worker":
    case "kill backend":
      return; // the worker did it itself, at its statement
    case "freeze worker":
      return scene.workers.thaw(told.worker, scene.patient ? 17_000 : 500 + whileMs, scene.patient);
    case "end backend":
      await ask(server.mortal.url, (client) => client.query("SELECT pg_terminate_backend($1)", [told.backend]));
      return;
    case "kill server":
      return alone(server, () => restart(server, whileMs / 4));
    case "cut network":
      return alone(server, () => cut(server, "both", whileMs));
    case "cut answers":
      return alone(server, () => cut(server, "answers", whileMs));
    case "reset connections":
      return server.line.reset();
    case "lose connections":
      return server.line.lose();
    case "fill disk":
      return fill(server, whileMs + 1_000);
    case "hold a transaction":
      return scene.application.hold(1_000 + chance() * 3_000);
    case "change a row":
      return changeRow(scene);
    case "change a table":
      return changeTable(scene);
  }
}

/** One blow to a server at a time; what comes meanwhile has fallen already. */
async function alone(server: Reached, work: () => Promise<void>): Promise<void> {
  if (server.struck) return;
  server.struck = true;
  try {
    await work();
  } finally {
    server.struck = false;
  }
}

async function restart({ mortal }: Reached, downMs: number): Promise<void> {
  await mortal.kill();
  await pause(downMs);
  await mortal.recover();
}

async function cut({ line }: Reached, what: "both" | "answers", ms: number): Promise<void> {
  line.cut(what);
  await pause(ms);
  line.heal();
}

async function fill(server: Reached, ms: number): Promise<void> {
  await limitFiles(server, true);
  await pause(ms);
  await limitFiles(server, false);
}

/** As somebody might who passes by the gates: a row of the copy is another one than where the tenant is. */
async function changeRow({ servers, move }: Scene): Promise<void> {
  await at(servers, move.to, async (client) => {
    await client.query(`SET session_replication_role = replica; SET caretaker.move = ${pg.escapeLiteral(move.id)}`);
    const orders = relation(move.to.schema, "orders");
    await client.query(
      `UPDATE ${orders} SET doc = '{"version": "changed"}'
        WHERE id = (SELECT id FROM ${orders} WHERE tenant_id = $1 AND note ~ '^w' ORDER BY id DESC LIMIT 1)`,
      [move.tenantKey],
    );
  });
}

/** The application is migrated while its tenant moves. The move must stop: what it made knows nothing of the new column. */
async function changeTable({ servers, move }: Scene): Promise<void> {
  await at(servers, move.from, (client) =>
    client.query(
      `ALTER TABLE ${relation(move.from.schema, "orders")} ADD COLUMN ${identifier(added)} text DEFAULT 'kept'`,
    ),
  );
}

const added = "added_meanwhile";

/** What a person does about the migration before the move is resumed. */
export async function takeTableBack(servers: Servers, place: Place): Promise<void> {
  await at(servers, place, (client) =>
    client.query(`ALTER TABLE ${relation(place.schema, "orders")} DROP COLUMN IF EXISTS ${identifier(added)}`),
  );
}

function at<T>(servers: Servers, place: Place, work: (client: pg.Client) => Promise<T>): Promise<T> {
  return ask(urlOf(servers, place), work);
}
