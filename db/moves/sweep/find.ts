import type pg from "pg";
import { type Actor, authorise } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import { askAll, type Silent } from "../../fleet.ts";
import { onServer } from "../plan/server.ts";
import { findRecords, type StalePlace } from "./books.ts";
import type { Leftover, Leftovers } from "./contract.ts";
import { judgeCaptures } from "./judge-captures.ts";
import { judgeDatabases } from "./judge-databases.ts";
import { judgeFences } from "./judge-fences.ts";
import { judgeSchemas } from "./judge-schemas.ts";
import { readKnown } from "./known.ts";
import { hashOfAll, type Looked, leftoverOf } from "./leftover.ts";
import { strayRows } from "./stray-rows.ts";
import { type Survey, survey, surveyServer } from "./survey.ts";

const patienceMs = 20_000;

/** A database to look into; a server without an adopted one is looked at from outside. */
export interface Place extends Omit<Looked, "survey" | "known"> {
  adopted: boolean;
}

type Surveyed = Place & { survey: Survey };

/** What moves that are over or unknown have left in the whole fleet. Changes nothing. */
export async function findLeftovers(actor: Actor): Promise<Leftovers> {
  authorise(actor, "tenants.read");
  const places = await everyPlace();
  const { looked, silent } = await lookAt(places);
  const known = await readKnown(looked);
  const found: Leftover[] = [];
  for (const place of looked) found.push(...(await judge({ ...place, known })));
  const stray = await findStray(looked);
  const left = once([...found, ...stray.found]);
  const unheard = [...silent, ...stray.silent].filter(
    (one, at, all) => all.findIndex(({ databaseId }) => databaseId === one.databaseId) === at,
  );
  const mute = places.filter(({ databaseId }) => unheard.some((one) => one.databaseId === databaseId));
  const all = [...left, ...(await findRecords((place) => doubtOf(place, left, mute)))];
  const certain = all.filter((one) => one.certain);
  return {
    certain,
    doubtful: all.filter((one) => !one.certain),
    silent: unheard,
    asked: looked.filter(({ adopted }) => adopted).length,
    hash: hashOfAll(certain),
  };
}

/** One leftover as it is now, seen through the connection that is about to remove it; null when it is gone. */
export async function findAgain(
  client: pg.ClientBase,
  place: Place,
  sought: Pick<Leftover, "id" | "kind" | "name">,
): Promise<Leftover | null> {
  const surveyed = { ...place, survey: await (place.adopted ? survey(client, sought) : surveyServer(client)) };
  const found = await judge({ ...surveyed, known: await readKnown([surveyed]) }, sought);
  return found.find(({ id }) => id === sought.id) ?? null;
}

async function lookAt(places: readonly Place[]): Promise<{ looked: Surveyed[]; silent: Silent[] }> {
  const { answers, silent } = await askAll(
    places.filter(({ adopted }) => adopted).map(({ databaseId }) => databaseId),
    (client) => survey(client),
    patienceMs,
  );
  const looked = answers.flatMap(({ databaseId, value }) => {
    const place = places.find((one) => one.databaseId === databaseId);
    return place ? [{ ...place, survey: value }] : [];
  });
  for (const place of places.filter(({ adopted }) => !adopted)) {
    try {
      looked.push({ ...place, survey: await onServer(place.serverId, surveyServer) });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      silent.push({ databaseId: place.databaseId, name: place.serverName, reason });
    }
  }
  return { looked, silent };
}

/** Databases of a server are looked into one by one: where something is sought again, only that one is. */
async function judge(looked: Looked, sought?: Pick<Leftover, "kind" | "name">): Promise<Leftover[]> {
  const own = judgeSchemas(looked);
  const doubtful = new Set(own.filter(({ doubts }) => doubts.length > 0).map(({ name }) => name));
  const drafts = [
    ...judgeFences(looked, doubtful).filter(({ statements, doubts }) => statements.length > 0 || doubts.length > 0),
    ...own,
    ...judgeCaptures(looked),
    ...(sought === undefined || sought.kind === "database" ? await judgeDatabases(looked, sought?.name) : []),
  ];
  return drafts.map((draft) => leftoverOf(looked, draft));
}

/** A server may have been entered twice: a database counts once, by its tenant's own name. What is in one that goes goes with it. */
function once(found: readonly Leftover[]): Leftover[] {
  const distinct = found.filter(
    ({ kind, name }, at) =>
      kind !== "database" || found.findIndex((one) => one.kind === kind && one.name === name) === at,
  );
  const dropped = new Set(
    distinct.filter(({ kind, certain }) => kind === "database" && certain).map(({ name }) => name),
  );
  return distinct.filter(({ kind, databaseName }) => kind === "database" || !dropped.has(databaseName));
}

function doubtOf(
  { schema, serverId, databaseName }: StalePlace,
  left: readonly Leftover[],
  mute: readonly Place[],
): string | null {
  const silent = mute.find((one) => one.serverId === serverId);
  if (silent) return `${silent.databaseName} of that server does not answer, so that what is left there is not known.`;
  const seen = left.find(
    ({ certain, kind, name, databaseName: where }) =>
      !certain && (kind === "database" ? name === databaseName : where === databaseName && name === schema),
  );
  return seen ? `Look at ${seen.kind} ${seen.name} first.` : null;
}

async function findStray(looked: readonly Surveyed[]): Promise<{ found: Leftover[]; silent: Silent[] }> {
  const homes = looked.filter(({ adopted, databaseId, home }) => adopted && databaseId === home);
  const { answers, silent } = await askAll(
    homes.map(({ databaseId }) => databaseId),
    async (client, databaseId) => {
      const database = homes.find((one) => one.databaseId === databaseId);
      return database ? strayRows(client, database) : [];
    },
    patienceMs,
  );
  return { found: answers.flatMap(({ value }) => value), silent };
}

/** Every adopted database, and every server that has none: databases that a move made and nobody lives in may be there. */
export async function everyPlace(): Promise<Place[]> {
  const { rows } = await controlPool().query<Place>(
    `SELECT coalesce(d.id, s.id) AS "databaseId", coalesce(d.name, 'postgres') AS "databaseName", s.id AS "serverId",
            s.name AS "serverName", coalesce(d.home_database_id, d.id, s.id) AS home, d.id IS NOT NULL AS adopted
       FROM servers s
       LEFT JOIN databases d ON d.server_id = s.id AND d.adopted_at IS NOT NULL AND d.released_at IS NULL
      WHERE s.removed_at IS NULL
      ORDER BY "databaseName", "databaseId"`,
  );
  return rows;
}
