import { and, eq } from "drizzle-orm";
import { type Actor, authorise } from "../../actor.ts";
import { readableDatabase } from "../../audit/scope.ts";
import { control } from "../../control.ts";
import { consoleDatabase, listAdopted } from "../../fleet.ts";
import { columnClasses } from "../../schema/fleet.ts";

/** A database in which people can be searched for. */
export interface SearchablePlace {
  id: string;
  name: string;
  /** The table of people, where the model names one. */
  people: { schema: string; table: string } | null;
  /** Columns that were confirmed as personal. */
  confirmed: number;
}

export async function searchablePlaces(actor: Actor): Promise<SearchablePlace[]> {
  authorise(actor, "records.erase");
  const adopted = await listAdopted();
  return Promise.all(
    adopted.map(async ({ id, name, usersTable }) => ({
      id,
      name,
      people: usersTable === null ? null : { schema: usersTable.schema, table: usersTable.table },
      confirmed: await control().$count(
        columnClasses,
        and(eq(columnClasses.databaseId, id), eq(columnClasses.class, "personal")),
      ),
    })),
  );
}

/** Whether rows of this table are people, as the model names them. */
export async function isPerson(row: { database: string; schema: string; table: string }): Promise<boolean> {
  if (row.database === consoleDatabase) return false;
  const { usersTable } = await readableDatabase(row.database);
  return usersTable?.schema === row.schema && usersTable.table === row.table;
}
