import { randomUUID } from "node:crypto";
import type { Actor } from "#db/actor.ts";
import type { Choice } from "#db/placing/choose.ts";
import { choosePlace } from "#db/placing/read.ts";
import {
  createTenantInput,
  planTenantInput,
  reopenTenantInput,
  type Suspension,
  sizeTenantsInput,
  suspendTenantInput,
  type TenantRow,
  tenantPageQuery,
} from "#db/tenants/contract.ts";
import { createTenant } from "#db/tenants/create.ts";
import { countTenants, listTenants } from "#db/tenants/list.ts";
import { planTenant } from "#db/tenants/make/plan.ts";
import { startTenant } from "#db/tenants/make/start.ts";
import { readTenant } from "#db/tenants/read.ts";
import { reopenTenant } from "#db/tenants/reopen.ts";
import { sizeTenants } from "#db/tenants/size.ts";
import { suspendTenant } from "#db/tenants/suspend.ts";
import { type Command, flag, type Output, only, pairs, parse, required, text } from "../command.ts";
import { findDatabaseId, findServerId, findTenantId } from "../find.ts";
import { facts, moreLine, table } from "../table.ts";
import { bytes, count } from "../words.ts";

const list: Command = {
  name: "tenants list",
  usage:
    "[--database NAME] [--search TEXT] [--tier shared|schema|database] [--status active|suspended|archived] [--order name|size|created] [--descending] [--limit N] [--cursor CURSOR]",
  summary: "List and search tenants",
  options: {
    database: { type: "string" },
    search: { type: "string" },
    tier: { type: "string" },
    status: { type: "string" },
    order: { type: "string" },
    descending: { type: "boolean" },
    limit: { type: "string" },
    cursor: { type: "string" },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const { cursor, ...filter } = parse(tenantPageQuery, {
      ...input.options,
      q: text(input, "search"),
      database: database && (await findDatabaseId(actor, database)),
      sort: `${flag(input, "descending") ? "-" : ""}${text(input, "order") ?? "name"}`,
    });
    const [page, total] = await Promise.all([listTenants(actor, filter, cursor), countTenants(actor, filter)]);
    const summary = `${count(total.count)}${total.more ? "+" : ""} tenants`;
    return { json: { ...page, total }, text: `${tenantTable(page.rows)}\n\n${summary}${moreLine(page.next)}` };
  },
};

const show: Command = {
  name: "tenants show",
  usage: "TENANT",
  summary: "Show one tenant by its id, key or slug",
  async run(actor, input) {
    const tenant = await readTenant(actor, await findTenantId(actor, only(input, "a tenant")));
    const head = facts([
      ["id", tenant.id],
      ["key", tenant.key],
      ["name", tenant.name],
      ["slug", tenant.slug],
      ["status", tenant.statusReason ? `${tenant.status} (${tenant.statusReason})` : tenant.status],
      ["tier", tenant.tier],
      ["database", tenant.databaseName],
      ["size", bytes(tenant.sizeBytes)],
      ["measured", tenant.sizedAt],
    ]);
    const sizes = table(
      [
        { title: "table", value: (row) => `${row.schema}.${row.name}` },
        { title: "rows", value: (row) => row.rows, end: true },
        { title: "bytes", value: (row) => row.bytes, end: true },
        { title: "measured by", value: (row) => row.method },
      ],
      tenant.sizes,
    );
    return { json: tenant, text: tenant.sizes.length > 0 ? `${head}\n\n${sizes}` : head };
  },
};

const create: Command = {
  name: "tenants create",
  usage:
    "NAME --database NAME [--tier shared|schema|database] [--server NAME] [--plan] [--slug SLUG] [--set COLUMN=VALUE ...] [--reason TEXT]",
  summary: "Create a tenant, or with --plan show each statement that would",
  options: {
    tier: { type: "string" },
    server: { type: "string" },
    plan: { type: "boolean" },
    database: { type: "string" },
    slug: { type: "string" },
    set: { type: "string", multiple: true },
    reason: { type: "string" },
  },
  async run(actor, input) {
    const asked = {
      databaseId: await findDatabaseId(actor, required(input, "database")),
      name: only(input, "the tenant"),
      slug: text(input, "slug"),
      reason: text(input, "reason"),
      values: pairs(input, "set"),
    };
    const tier = text(input, "tier") ?? "shared";
    if (tier !== "shared")
      return await createApart(actor, { ...asked, tier, server: text(input, "server") }, flag(input, "plan"));
    const created = await createTenant(actor, parse(createTenantInput, asked));
    return {
      json: created,
      text: `Created ${created.name} with the key ${created.key}; its id is ${created.tenantId}.`,
    };
  },
};

interface Apart extends Record<string, unknown> {
  databaseId: string;
  tier: string;
  server: string | undefined;
}

/** A schema or database of its own: a plan, and a job that runs it. Where no server is named, the application's policy chooses. */
async function createApart(actor: Actor, { server, ...asked }: Apart, planOnly: boolean): Promise<Output> {
  const choice = asked.tier === "database" && server === undefined ? await choosePlace(actor, asked.databaseId) : null;
  const serverId = server === undefined ? choice?.server?.id : await findServerId(actor, server);
  const wanted = parse(planTenantInput, { ...asked, serverId });
  const tenantId = randomUUID();
  const plan = await planTenant(actor, wanted, tenantId);
  const placed = choice && { server: choice.server?.name ?? null, why: whyOf(choice) };
  if (planOnly) {
    const problems = plan.problems.map(
      ({ severity, subject, message, fix }) => `${severity}: ${subject}: ${message} ${fix}`,
    );
    const head = placed ? [`-- ${placed.why}`] : [];
    const statements = plan.statements.map(({ sql }) => `${sql};`);
    return { json: { ...plan, placed }, text: [...head, ...problems, ...statements].join("\n") };
  }
  const queued = await startTenant(actor, { ...wanted, tenantId, planHash: plan.hash });
  return {
    json: { tenantId, ...queued, placed },
    text: `Queued as job ${queued.jobId}; ${plan.statements.length} statements.${placed ? ` ${placed.why}` : ""}`,
  };
}

/** As on the screen, it is made beside the database that lists it where the policy finds no server. */
function whyOf(choice: Choice): string {
  if (choice.server) return choice.why;
  const refused = choice.refused.map(({ server, why }) => `${server}: ${why}`).join("; ");
  return `${choice.why} It is made on the server that lists it. ${refused}.`;
}

const suspend: Command = {
  name: "tenants suspend",
  usage: "TENANT --typed NAME --reason TEXT",
  summary: "Refuse a tenant's requests by row-level security; a token can not, since it needs the password",
  options: { typed: { type: "string" }, reason: { type: "string" } },
  async run(actor, input) {
    const tenantId = await findTenantId(actor, only(input, "a tenant"));
    const given = { tenantId, typed: required(input, "typed"), reason: required(input, "reason") };
    return suspensionOutput(await suspendTenant(actor, parse(suspendTenantInput, given)));
  },
};

const reopen: Command = {
  name: "tenants reopen",
  usage: "TENANT [--reason TEXT]",
  summary: "Let a suspended tenant in again",
  options: { reason: { type: "string" } },
  async run(actor, input) {
    const tenantId = await findTenantId(actor, only(input, "a tenant"));
    const done = await reopenTenant(actor, parse(reopenTenantInput, { tenantId, reason: text(input, "reason") }));
    return { json: done, text: "Reopened." };
  },
};

const size: Command = {
  name: "tenants size",
  usage: "--database NAME",
  summary: "Queue a measurement of every tenant of a database",
  options: { database: { type: "string" } },
  async run(actor, input) {
    const databaseId = await findDatabaseId(actor, required(input, "database"));
    const queued = await sizeTenants(actor, parse(sizeTenantsInput, { databaseId }));
    return { json: queued, text: `Queued as job ${queued.jobId}.` };
  },
};

export const tenantCommands: Command[] = [list, show, create, suspend, reopen, size];

function tenantTable(rows: TenantRow[]): string {
  return table(
    [
      { title: "name", value: (row) => row.name },
      { title: "slug", value: (row) => row.slug },
      { title: "key", value: (row) => row.key },
      { title: "tier", value: (row) => row.tier },
      { title: "status", value: (row) => row.status },
      { title: "database", value: (row) => row.databaseName },
      { title: "size", value: (row) => bytes(row.sizeBytes), end: true },
    ],
    rows,
  );
}

function suspensionOutput(done: Suspension): Output {
  const { enforced, open } = done.enforcement;
  const warning =
    open.length > 0 ? `\nNot covered by row-level security, and still open to it: ${open.join(", ")}.` : "";
  return { json: done, text: `Suspended; ${enforced.length} tables refuse it.${warning}` };
}
