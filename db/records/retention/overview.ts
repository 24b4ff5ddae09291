import { type Actor, authorise } from "../../actor.ts";
import { listAdopted, withDatabase } from "../../fleet.ts";
import { modelOf } from "../../holding/tables.ts";
import { managedTablesOf } from "../../managed-tables.ts";
import { limits } from "../../transaction.ts";
import type { Policy, Simulation } from "./contract.ts";
import { ownersIn, policiesIn } from "./inherited.ts";
import { withNames } from "./policies.ts";
import { simulate } from "./purge/count.ts";
import { scopeOf } from "./purge/scope.ts";
import { listRuns, type PurgeRun } from "./runs.ts";

export interface RetainedTable {
  schema: string;
  name: string;
  /** The tenant that has it to itself. */
  tenant: string | null;
  /** The column that marks its deleted rows. */
  mark: string;
  /** What the model proposes for a policy. */
  graceDays: number;
  /** The table's own first, then those of tenants. */
  policies: Policy[];
}

export interface DatabaseRetention {
  databaseId: string;
  databaseName: string;
  tables: RetainedTable[];
  /** Tables whose rows are removed at once, so that there is nothing to purge. */
  unmarked: number;
  runs: PurgeRun[];
}

/** Every adopted database with the tables that mark their deleted rows, their policies, and the newest runs. */
export async function retentionOf(actor: Actor): Promise<DatabaseRetention[]> {
  authorise(actor, "records.read");
  const adopted = await listAdopted();
  return Promise.all(
    adopted.map(async ({ id, name }) => {
      const managed = (await managedTablesOf(id)).filter((table) => table.class !== "ignored");
      const [policies, owners] = [await policiesIn(id), await ownersIn(id)];
      const tables = managed.flatMap((table): RetainedTable[] => {
        if (table.softDelete === null) return [];
        const own = policies.filter((policy) => policy.schema === table.schema && policy.name === table.name);
        const wholeFirst = own.toSorted((a, b) => Number(a.tenant !== null) - Number(b.tenant !== null));
        return [
          {
            schema: table.schema,
            name: table.name,
            tenant: owners.get(`${table.schema}.${table.name}`) ?? null,
            mark: table.softDelete.column,
            graceDays: table.graceDays,
            policies: wholeFirst,
          },
        ];
      });
      return {
        databaseId: id,
        databaseName: name,
        tables: tables.toSorted((a, b) => `${a.schema}.${a.name}`.localeCompare(`${b.schema}.${b.name}`)),
        unmarked: managed.length - tables.length,
        runs: await listRuns(actor, id, 8),
      };
    }),
  );
}

/** What goes on which day by the policies of a database as they are, those that are not switched on among them. */
export async function simulateAll(actor: Actor, databaseId: string, horizonDays = 90): Promise<Simulation> {
  authorise(actor, "records.read");
  const model = await modelOf(databaseId);
  const policies = await policiesIn(databaseId);
  const simulation = await withDatabase(
    databaseId,
    async (client) => simulate(client, await scopeOf(client, model, policies, true), horizonDays),
    { limits: limits.long },
  );
  return withNames(simulation, databaseId);
}
