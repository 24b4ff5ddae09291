import { setTimeout as wait } from "node:timers/promises";
import { eq } from "drizzle-orm";
import { type Actor, authorise } from "../../../actor.ts";
import { control } from "../../../control.ts";
import { Refusal } from "../../../errors.ts";
import { inDatabase, withDatabase } from "../../../fleet.ts";
import { type Door, endSessions, readDoor, takeRights, takeRightsSql } from "../../../managed/door.ts";
import { databases } from "../../../schema/fleet.ts";
import type { CloseDatabase, ClosedDoor } from "./contract.ts";
import { endClosing, noteClosing } from "./record.ts";

const patienceMs = 5_000;

/**
 * Closes a database to its application: takes the right to connect from everybody but the console's role and superusers, and ends their
 * sessions. The rights are the database's own, so that it stays closed whatever becomes of the console. Doing it again closes what was
 * opened by another hand, or by a restore that made the database anew.
 *
 * @throws Refusal `unsupported` when the application can not be kept out so; then no right was taken.
 */
export async function closeDatabase(
  actor: Actor,
  { database, from = database, reason = "Erasures are to be applied again." }: CloseDatabase,
): Promise<ClosedDoor> {
  authorise(actor, "records.erase");
  const role = await applicationRole(database);
  const before = await withDatabase(database, readDoor);
  const { closing, isNew } = await noteClosing(actor, { database, from, reason }, before);
  try {
    await inDatabase(
      actor,
      database,
      async (client) => {
        await takeRights(client, before);
        requireKeptOut(await readDoor(client), before, role);
      },
      { reason },
    );
  } catch (error) {
    if (error instanceof Refusal && error.code === "unsupported" && isNew)
      await endClosing(actor, closing, `Not closed: ${error.message}`);
    throw error;
  }
  const { admits, superusers, sessions } = await withoutSessions(actor, database);
  return { admits: admits.map((one) => one.role), superusers, sessions };
}

async function applicationRole(databaseId: string): Promise<string | null> {
  const [row] = await control()
    .select({ role: databases.applicationRole })
    .from(databases)
    .where(eq(databases.id, databaseId));
  if (row) return row.role;
  throw new Refusal("not_found", "There is no such database in the fleet.", { fix: "List the databases." });
}

/** People who inherit the owner's right may stay, where it is known that the application is none of them. */
function requireKeptOut({ admits, superusers }: Door, before: Door, application: string | null): void {
  const still = admits.filter(({ role, inherits }) => application === null || role === application || !inherits);
  const [first] = still;
  const { database, self } = before;
  if (application === self)
    throw notClosed(`The application connects to ${database} as ${self}, which is the console's own role.`, other);
  if (application !== null && superusers.includes(application))
    throw notClosed(`The application's role ${application} is a superuser, which no right keeps out.`, other);
  if (!first) return;
  const names = still.map(({ role }) => role).join(", ");
  if (still.every(({ inherits }) => inherits))
    throw notClosed(`${names} would still come in, as members of the owner of ${database} or of ${self}.`, other);
  throw notClosed(
    `${self} may not take the right to connect to ${database}: ${names} would still come in.`,
    `As its owner run: ${takeRightsSql(before)}. ${other}`,
  );
}

const other = "Keep the application out in another way, such as in pg_hba.conf or its pooler, and say that it is.";

function notClosed(message: string, fix: string): Refusal {
  return new Refusal("unsupported", message, { fix });
}

/** How the door stands once the sessions are over that were open before, or when the patience is. */
async function withoutSessions(actor: Actor, database: string): Promise<Door> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const door = await inDatabase(actor, database, async (client) => {
      await endSessions(client);
      return readDoor(client);
    });
    if (door.sessions === 0 || performance.now() > until) return door;
    await wait(100);
  }
}
