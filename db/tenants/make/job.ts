import { authorise } from "../../actor.ts";
import { Refusal } from "../../errors.ts";
import type { JobKind, RunningJob } from "../../jobs/kind.ts";
import { ownName } from "../../managed/own-name.ts";
import { type StartTenant, startTenantInput } from "../contract.ts";
import { insertManaged } from "../managed-row.ts";
import { databasePlace } from "./database-tier.ts";
import { drawKey } from "./key.ts";
import { copyTenantRow, createDatabase, fillDatabase } from "./make-database.ts";
import { setOwnIds, takeBlock } from "./own-ids.ts";
import { sayPlacement } from "./placement.ts";
import { schemaHash } from "./plan.ts";
import { openPlace, type Reserved, reserve } from "./register.ts";
import { addOutside, makeSchema, schemaPlace } from "./schema-tier.ts";
import { readSource, type Source } from "./source.ts";
import { checkedPlan, stalePlan } from "./start.ts";
import { abandonedTenants, undoTenant } from "./undo.ts";

const steps = 7;

/**
 * Makes a tenant with tables of its own. Its key is drawn first, the tables are made in one transaction, its row in the
 * application's table comes after them, and its place opens last: cut off anywhere, it goes on or is taken back.
 */
const createTenant: JobKind = {
  kind: "tenants.create",
  async run(job) {
    authorise(job.actor, "tenants.write");
    const input = startTenantInput.parse(job.input);
    const source = await readSource(input.databaseId);
    try {
      if (input.tier === "database")
        await job.step("check the plan", async () => ({ hash: (await checkedPlan(job.actor, input)).hash }));
      return await make(job, input, source);
    } catch (error) {
      // What a second attempt may still finish is left; what was refused, or fails for a reason, is taken back at once.
      if (error instanceof Refusal && !["unreachable", "unknown_outcome"].includes(error.code)) {
        await undoTenant(job.actor, input);
      }
      throw error;
    }
  },
};

async function make(job: RunningJob, input: StartTenant, source: Source): Promise<Record<string, unknown>> {
  const told = (done: number, line: string) => job.progress({ done, total: steps, unit: "statements", line });
  await told(0, "Drawing its key");
  const { key } = await job.step("draw its key", () => drawKey(job.actor, source.tenantsTable, input));
  const own = input.tier === "schema";
  const place = own ? schemaPlace(source, ownName(input.tenantId), key) : databasePlace(key);
  const reserved = await job.stepInControl("enter it", (tx, client) => reserve(tx, client, input, source, key));
  await told(1, "Making its tables");
  await (own ? makeInSchema(job, source, input, key) : makeInDatabase(job, source, input, reserved, key));
  await told(4, "Setting its ids apart");
  const { block } = await job.stepInControl("take a block of ids", (_tx, client) => takeBlock(client));
  await job.step("set its ids apart", async () => {
    await setOwnIds(job.actor, source, { databaseId: reserved.databaseId, ...place }, block);
    return {};
  });
  // Before its row is there: whoever finds the row and asks where the tenant lives is not sent to the shared tables.
  await job.step("say where it lives", async () => {
    await sayPlacement(job.actor, source, input, key);
    return {};
  });
  await told(5, "Writing its row in the application's table");
  const { slug } = await job.step("write its row", async () => ({
    ...(await insertManaged(job.actor, source.tenantsTable, input, key)),
  }));
  if (!own) {
    await job.step("copy its row", async () => {
      await copyTenantRow(job.actor, source, reserved.databaseId, key);
      return {};
    });
  }
  await told(6, "Opening its place");
  await job.stepInControl("open its place", async (tx, client) => {
    await openPlace(tx, client, reserved, {
      tables: own ? source.own : [...source.shared, ...source.own],
      place,
      slug,
      adoptedBy: own ? null : job.actor.name,
    });
    return {};
  });
  await told(steps, "It is open");
  return { tenantId: reserved.tenantId, key, name: input.name };
}

async function makeInSchema(job: RunningJob, source: Source, input: StartTenant, tenantKey: string): Promise<void> {
  const schema = ownName(input.tenantId);
  const { outside } = await job.step("make its schema", async () => ({
    ...(await makeSchema(job.actor, source, { schema, tenantKey }, (parts) => {
      if (schemaHash(parts, source, input, schema) !== input.planHash) throw stalePlan();
    })),
  }));
  for (const [lock, statements] of Map.groupBy(outside, (statement) => statement.lock)) {
    await job.step(`add foreign keys under ${lock.split(",")[0]}`, async () => {
      await addOutside(job.actor, source.databaseId, statements);
      return {};
    });
  }
}

async function makeInDatabase(
  job: RunningJob,
  source: Source,
  input: StartTenant,
  { databaseId }: Reserved,
  tenantKey: string,
): Promise<void> {
  const place = { serverId: input.serverId ?? source.serverId, name: ownName(input.tenantId), tenantKey };
  await job.step("create its database", async () => {
    await createDatabase(source, place);
    return {};
  });
  await job.step("make its tables", () => fillDatabase(job.actor, source, databaseId, place));
}

/** Takes back tenants whose making was cancelled, or failed where it could not clear up itself. */
export const sweepTenants: JobKind = {
  kind: "tenants.sweep",
  async run(job) {
    const abandoned = await abandonedTenants();
    for (const input of abandoned) await undoTenant(job.actor, startTenantInput.parse(input));
    return { undone: abandoned.length };
  },
};

export const makeJobs: JobKind[] = [createTenant];
