import type pg from "pg";
import { readDestination } from "../../managed/definition/destination.ts";
import { freshInstallStatements, readInstallOptions } from "../../managed/install.ts";
import { ownDatabaseStatements, readDatabaseSettings, ungranted } from "../../managed/own-database.ts";
import type { MoveProblem } from "../contract.ts";
import type { Surroundings } from "./check/servers.ts";
import type { NewDatabase } from "./phases.ts";
import type { Place } from "./place.ts";

/** The database that is to be made, asked of its server: like the one that the tenant leaves, with Caretaker in it. */
export async function planDatabase(
  from: pg.ClientBase,
  server: pg.ClientBase,
  { databaseName }: Place,
  { version }: Surroundings,
): Promise<NewDatabase & { problems: MoveProblem[] }> {
  const settings = await readDatabaseSettings(from);
  const { roles } = await readDestination(server);
  return {
    create: ownDatabaseStatements(databaseName, settings, { roles, version }),
    install: freshInstallStatements(await readInstallOptions(server)),
    problems: ungranted(settings, databaseName, { roles }),
  };
}
