import { type Actor, authorise } from "../../actor.ts";
import { followedTo, listHolds } from "../../audit/retention/holds.ts";
import { askAll, listAdopted } from "../../fleet.ts";
import { personGaps } from "../../holding/person.ts";
import { modelOf } from "../../holding/tables.ts";
import { knowsHolds, standingHolds } from "../../managed/holds/standing.ts";
import type { HoldStanding, KeptRows, StandingHold } from "./contract.ts";
import { countKept } from "./count-kept.ts";

interface Place {
  id: string;
  name: string;
}

type About = Pick<StandingHold, "id" | "kind" | "databaseId">;

/** How one hold stands in the databases that it is about: none for the console's own, whose entries it keeps. */
export async function standingOf(hold: About): Promise<HoldStanding[]> {
  const places = await placesOf(hold);
  const standings = await readStandings(places, [hold]);
  return nothingTold(places.map((place) => standings(place, hold)));
}

export async function placesOf(hold: Pick<About, "id" | "databaseId">): Promise<Place[]> {
  const followed = await followedTo();
  return (await adopted()).filter((place) => isAbout(hold, place, followed));
}

async function adopted(): Promise<Place[]> {
  return (await listAdopted()).map(({ id, name }) => ({ id, name }));
}

type Followed = ReadonlyMap<string, readonly string[]>;

function isAbout({ id, databaseId }: Pick<About, "id" | "databaseId">, place: Place, followed: Followed): boolean {
  return databaseId === null || databaseId === place.id || followed.get(id)?.includes(place.id) === true;
}

/** Every hold, those that stand first, with how each stands where it is to stand. */
export async function listStandingHolds(actor: Actor): Promise<StandingHold[]> {
  authorise(actor, "records.read");
  const holds = await listHolds(actor);
  const places = await adopted();
  const followed = await followedTo();
  const standings = await readStandings(
    places,
    holds.filter(({ releasedAt }) => releasedAt === null),
  );
  return holds.map((hold) => ({
    ...hold,
    standing:
      hold.releasedAt === null
        ? nothingTold(places.filter((place) => isAbout(hold, place, followed)).map((place) => standings(place, hold)))
        : [],
  }));
}

async function readStandings(
  places: readonly Place[],
  holds: readonly About[],
): Promise<(place: Place, hold: About) => HoldStanding> {
  const { answers, silent } = await askAll(
    places.map(({ id }) => id),
    async (client, databaseId) => {
      if (!(await knowsHolds(client))) return null;
      const onPeople = holds.some((hold) => hold.kind === "person" && hold.databaseId === databaseId);
      const standing = await standingHolds(client);
      const asked = standing.filter(({ id }) => holds.some((hold) => hold.id === id));
      if (asked.length === 0) return { holds: standing, gaps: [], kept: new Map<string, KeptRows>() };
      const model = await modelOf(databaseId);
      const gaps = onPeople ? await personGaps(client, model) : [];
      return { holds: standing, gaps, kept: await countKept(client, model, asked) };
    },
  );
  return ({ id, name }, hold) => {
    const answer = answers.find(({ databaseId }) => databaseId === id);
    const as = (state: HoldStanding["state"], since: string | null, why: string | null): HoldStanding => ({
      ...{ databaseId: id, databaseName: name },
      ...{ state, since, why },
      gaps: hold.kind === "person" ? (answer?.value?.gaps ?? []) : [],
      kept: answer?.value?.kept.get(hold.id) ?? null,
    });
    if (!answer) return as("silent", null, silent.find(({ databaseId }) => databaseId === id)?.reason ?? "No answer.");
    if (answer.value === null) return as("unsupported", null, "Apply its plan under Databases again.");
    const found = answer.value.holds.find((one) => one.id === hold.id);
    if (found?.inForceAt) return as("in_force", found.inForceAt, null);
    return as("coming", null, "It is not on every table yet; the worker goes on trying every minute.");
  };
}

/** One that keeps rows in another database keeps nothing here by right: a tenant lives in one of them. */
function nothingTold(standing: HoldStanding[]): HoldStanding[] {
  if (standing.some(({ kept }) => kept === null || !kept.exact || kept.rows > 0)) return standing;
  return standing.map((one) => ({
    ...one,
    gaps: [...one.gaps, "It keeps nothing now: no row is there that it is on."],
  }));
}
