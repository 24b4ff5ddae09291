import { type Actor, authorise } from "../../actor.ts";
import { followedTo, listHolds } from "../../audit/retention/holds.ts";
import { askAll, listAdopted } from "../../fleet.ts";
import { knowsHolds, standingHolds } from "../../managed/holds/standing.ts";
import type { HoldStanding, StandingHold } from "./contract.ts";

interface Place {
  id: string;
  name: string;
}

/** How one hold stands in the databases that it is about: none for the console's own, whose entries it keeps. */
export async function standingOf(hold: { id: string; databaseId: string | null }): Promise<HoldStanding[]> {
  const places = await placesOf(hold);
  const standings = await readStandings(places);
  return places.map((place) => standings(place, hold.id));
}

export async function placesOf(hold: { id: string; databaseId: string | null }): Promise<Place[]> {
  const followed = await followedTo();
  return (await adopted()).filter((place) => isAbout(hold, place, followed));
}

async function adopted(): Promise<Place[]> {
  return (await listAdopted()).map(({ id, name }) => ({ id, name }));
}

type Followed = ReadonlyMap<string, readonly string[]>;

function isAbout(
  { id, databaseId }: { id: string; databaseId: string | null },
  place: Place,
  followed: Followed,
): boolean {
  return databaseId === null || databaseId === place.id || followed.get(id)?.includes(place.id) === true;
}

/** Every hold, those that stand first, with how each stands where it is to stand. */
export async function listStandingHolds(actor: Actor): Promise<StandingHold[]> {
  authorise(actor, "records.read");
  const holds = await listHolds(actor);
  const places = await adopted();
  const followed = await followedTo();
  const standings = await readStandings(places);
  return holds.map((hold) => ({
    ...hold,
    standing:
      hold.releasedAt === null
        ? places.filter((place) => isAbout(hold, place, followed)).map((place) => standings(place, hold.id))
        : [],
  }));
}

async function readStandings(places: readonly Place[]): Promise<(place: Place, hold: string) => HoldStanding> {
  const { answers, silent } = await askAll(
    places.map(({ id }) => id),
    async (client) => ((await knowsHolds(client)) ? standingHolds(client) : null),
  );
  return ({ id, name }, hold) => {
    const as = (state: HoldStanding["state"], since: string | null, why: string | null): HoldStanding => ({
      ...{ databaseId: id, databaseName: name },
      ...{ state, since, why },
    });
    const answer = answers.find(({ databaseId }) => databaseId === id);
    if (!answer) return as("silent", null, silent.find(({ databaseId }) => databaseId === id)?.reason ?? "No answer.");
    if (answer.value === null) return as("unsupported", null, "Apply its plan under Databases again.");
    const found = answer.value.find((one) => one.id === hold);
    if (found?.inForceAt) return as("in_force", found.inForceAt, null);
    return as("coming", null, "It is not on every table yet; the worker goes on trying every minute.");
  };
}
