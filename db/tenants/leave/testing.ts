import { randomUUID } from "node:crypto";
import pg from "pg";
import { controlPool } from "../../control.ts";
import type { JobKind, Receipt } from "../../jobs/kind.ts";
import { ownName } from "../../managed/own-name.ts";
import { freshControl } from "../../testing/databases.ts";
import { type Person, person } from "../../testing/people.ts";
import { createTenant } from "../create.ts";
import { openShop, type Shop } from "../fixture.ts";
import { makeJobs } from "../make/job.ts";
import { planTenant } from "../make/plan.ts";
import { attempt } from "../make/testing.ts";
import { readTenant } from "../read.ts";
import type { ExportFormat } from "./contract.ts";
import { leaveJobs } from "./job.ts";
import { planLeave } from "./plan.ts";

export type Tier = "shared" | "schema" | "database";

export interface Leaver {
  id: string;
  key: string;
}

/** A shop whose tenants leave, and two people who let them. */
export interface Stage {
  shop: Shop;
  ada: Person;
  ben: Person;
  /** A tenant with rows. */
  tenantIn(tier: Tier, name: string): Promise<Leaver>;
  /** Leaves as a worker does that may be killed; with the receipts of an earlier attempt it goes on from there. */
  leave(
    tenantId: string,
    how: "archive" | "delete",
    dies?: Parameters<typeof attempt>[3],
    receipts?: Map<string, Receipt>,
  ): Promise<Record<string, unknown>>;
  export(tenantId: string, format?: ExportFormat): Promise<Record<string, unknown>>;
  /** Connected where the tenant lives. */
  inside(tenantId: string): Promise<pg.Client>;
}

/** Values that a careless copy loses: what COPY escapes, what Unicode takes for the end of a line, and nothing at all. */
export const awkward = ["plain", "tab\tand\\N", "\u2028 and \u2029", "line\r\nfeed", "", null];

function kindOf(name: string): JobKind {
  const kind = [...leaveJobs, ...makeJobs].find((one) => one.kind === name);
  if (kind) return kind;
  throw new Error(`There is no kind of job ${name}.`);
}

/** A file that is kept goes to CARETAKER_DATA, which the test sets. */
export async function openStage(): Promise<Stage> {
  await freshControl();
  const [ada, ben] = [await person("administrator", "Ada"), await person("administrator", "Ben")];
  const shop = await openShop({ rowSecurity: true });
  await controlPool().query("UPDATE managed_tables SET row_security = true WHERE name = 'orders'");
  const [exporting, leaving, making] = [kindOf("tenants.export"), kindOf("tenants.leave"), kindOf("tenants.create")];

  async function make(tier: Tier, name: string): Promise<string> {
    const asked = { databaseId: shop.databaseId, name, values: { plan: "free" } };
    if (tier === "shared") return (await createTenant(ada.actor, asked)).tenantId;
    const tenantId = randomUUID();
    const { hash } = await planTenant(ada.actor, { ...asked, tier }, tenantId);
    const input = { ...asked, tier, tenantId, planHash: hash };
    await attempt(making, { id: tenantId, actor: ada.actor, input }, new Map());
    return tenantId;
  }

  async function inside(tenantId: string): Promise<pg.Client> {
    const url = new URL(shop.url);
    const { tier } = await readTenant(ada.actor, tenantId);
    if (tier === "database") url.pathname = `/${ownName(tenantId)}`;
    const client = new pg.Client(url.href);
    client.on("error", () => {});
    await client.connect();
    await client.query(`SET search_path = ${tier === "schema" ? ownName(tenantId) : '"My App"'}`);
    return client;
  }

  return {
    shop,
    ada,
    ben,
    inside,
    async tenantIn(tier, name) {
      const id = await make(tier, name);
      const { key } = await readTenant(ada.actor, id);
      const client = await inside(id);
      for (const note of awkward) await client.query('INSERT INTO orders ("orgId", note) VALUES ($1, $2)', [key, note]);
      await client.query('INSERT INTO lines (order_id) SELECT id FROM orders WHERE "orgId" = $1', [key]);
      await client.end();
      return { id, key };
    },
    async leave(tenantId, how, dies, receipts = new Map()) {
      const known = receipts.size > 0 ? null : await planLeave(ada.actor, { tenantId, how });
      const input = { tenantId, how, reason: "contract ended" };
      const job = { id: randomUUID(), actor: ada.actor, input, planHash: known?.hash ?? null };
      return await attempt(leaving, job, receipts, dies);
    },
    export: (tenantId, format = "ndjson") =>
      attempt(exporting, { id: randomUUID(), actor: ada.actor, input: { tenantId, format } }, new Map()),
  };
}
