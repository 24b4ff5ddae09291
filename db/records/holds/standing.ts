import { type Actor, authorise } from "../../actor.ts";
import { listHolds } from "../../audit/retention/holds.ts";
import { askAll, listAdopted } from "../../fleet.ts";
import { knowsHolds, standingHolds } from "../../managed/holds/standing.ts";
import type { HoldStanding, StandingHold } from "./contract.ts";

interface Place {
  id: string;
  name: string;
}

/** The managed databases that a hold is about; none for the console's own, whose entries it keeps. */
export async function placesOf(databaseId: string | null): Promise<Place[]> {
  const adopted = await listAdopted();
  return adopted.filter(({ id }) => databaseId === null || id === databaseId).map(({ id, name }) => ({ id, name }));
}

/** How one hold stands in these databases. */
export async function standingIn(places: readonly Place[], hold: string): Promise<HoldStanding[]> {
  const standings = await readStandings(places);
  return places.map((place) => standings(place, hold));
}

/** Every hold, those that stand first, with how each stands where it is to stand. */
export async function listStandingHolds(actor: Actor): Promise<StandingHold[]> {
  authorise(actor, "records.read");
  const holds = await listHolds(actor);
  const places = await placesOf(null);
  const standings = await readStandings(places);
  return holds.map((hold) => ({
    ...hold,
    standing:
      hold.releasedAt === null
        ? places
            .filter(({ id }) => hold.databaseId === null || hold.databaseId === id)
            .map((place) => standings(place, hold.id))
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
