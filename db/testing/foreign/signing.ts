import pg from "pg";
import type { Actor } from "../../actor.ts";
import { controlPool } from "../../control.ts";
import type { DatabaseModel } from "../../databases/contract.ts";
import { syncTenants } from "../../databases/sync-tenants.ts";
import { adopt, foreignDatabase, query } from "../../databases/testing/fleet.ts";
import { Maker } from "./maker.ts";
import { signing } from "./originals.ts";
import { itemOf } from "./traffic.ts";

/** A document-signing service with many organisations, adopted as an administrator would. */
export interface Signing {
  databaseId: string;
  url: string;
  applicationUrl: string;
  model: DatabaseModel;
  maker: Maker;
  /** By the organisation's key. */
  tenants: Map<string, string>;
}

// What the service's own migrations do not have and others do: arrays, a view over the tenant's and shared rows, and one over the list of tenants.
const traits = `
  ALTER TABLE "Envelope" ADD COLUMN "tags" TEXT[] NOT NULL DEFAULT '{}', ADD COLUMN "history" "DocumentStatus"[] NOT NULL DEFAULT '{DRAFT}';
  CREATE VIEW "OpenEnvelope" AS
    SELECT e."id", e."title", e."status", t."name" AS "team", u."email"
      FROM "Envelope" e JOIN "Team" t ON t."id" = e."teamId" JOIN "User" u ON u."id" = e."userId" WHERE e."deletedAt" IS NULL;
  CREATE VIEW "Drawer" AS SELECT o."name", count(*) AS "drawn" FROM "OpenEnvelope" e JOIN "Organisation" o ON o."id" = e."team" GROUP BY 1;`;

/** The original's are proposed as children by an address that may be empty; they belong to whoever points to them. */
const settings = ["OrganisationGlobalSettings", "TeamGlobalSettings"];

export async function openSigning(actor: Actor, organisations: number, more = ""): Promise<Signing> {
  const { url, databaseId, role, appUrl } = await foreignDatabase(`${await signing()};${traits}${more}`);
  const client = new pg.Client(url);
  await client.connect();
  const maker = await Maker.read(client);
  for (let n = 1; n <= organisations; n += 1) await found(client, maker, `org_${n}`);
  await client.query("ANALYZE");
  await client.end();
  const model = await adopt(actor, databaseId, (proposed) => ({
    ...proposed,
    applicationRole: role,
    tables: proposed.tables.map((table) => ({
      ...table,
      rowSecurity: table.class === "tenant",
      ...(settings.includes(table.name) ? { class: "reference", tenantPath: [] } : {}),
    })),
  }));
  await query(url, "SELECT caretaker.ensure_partitions(1)");
  await syncTenants(actor, databaseId);
  const { rows } = await controlPool().query<{ id: string; key: string }>(
    "SELECT id, key FROM tenants WHERE home_database_id = $1",
    [databaseId],
  );
  return {
    databaseId,
    url,
    applicationUrl: appUrl,
    model,
    maker,
    tenants: new Map(rows.map(({ key, id }) => [key, id])),
  };
}

/** An organisation with a team, members, folders in folders, and documents at every stage. */
async function found(client: pg.Client, maker: Maker, key: string): Promise<void> {
  const owner = await maker.insert(client, "User", { email: `${key}@example.com` });
  const organisation = await maker.insert(client, "Organisation", {
    id: key,
    name: `Organisation '${key}'`,
    url: key,
    ownerUserId: owner.id,
  });
  const team = await maker.insert(client, "Team", { name: key, organisationId: organisation.id });
  await maker.insert(client, "OrganisationMember", { userId: owner.id, organisationId: organisation.id });
  await maker.insert(client, "TeamEmail", { teamId: team.id, email: `team-${key}@example.com`, name: key });
  await maker.insert(client, "ApiToken", { teamId: team.id, userId: owner.id, name: key, token: `token-${key}` });
  const above = await maker.insert(client, "Folder", { teamId: team.id, userId: owner.id, name: "above" });
  const folder = await maker.insert(client, "Folder", {
    teamId: team.id,
    userId: owner.id,
    name: "below",
    parentId: above.id,
  });
  for (let n = 1; n <= 10; n += 1) {
    const envelope = await maker.insert(client, "Envelope", {
      title: `${key} ${n}`,
      teamId: team.id,
      userId: owner.id,
      folderId: n % 2 === 0 ? folder.id : null,
      deletedAt: n % 5 === 0 ? "2026-02-02" : null,
      formValues: JSON.stringify({ n, 'odd "key"': ["a", null] }),
      tags: [key, 'with "quotes", and \\'],
    });
    const recipient = await maker.insert(client, "Recipient", {
      envelopeId: envelope.id,
      email: "r@example.com",
      name: "R",
    });
    const field = await maker.insert(client, "Field", {
      envelopeId: envelope.id,
      recipientId: recipient.id,
      customText: "",
      ...(await itemOf(maker, client, envelope.id)),
    });
    await maker.insert(client, "Signature", { fieldId: field.id, recipientId: recipient.id, typedSignature: "R" });
    await maker.insert(client, "DocumentAuditLog", { envelopeId: envelope.id, type: "CREATED", data: "{}" });
  }
}
