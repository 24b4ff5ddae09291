import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaText } from "../../databases/testing/fleet.ts";

// Two schemas that nobody here wrote: Pagila's schema file, and documenso's Prisma migrations. They are read where
// CARETAKER_PAGILA_SQL and CARETAKER_DOCUMENSO_MIGRATIONS point at copies; else our own with the same traits stand in.

export async function rentalStore(): Promise<string> {
  const file = process.env.CARETAKER_PAGILA_SQL;
  if (!file) return schemaText("rental-store");
  const text = (await readFile(file, "utf8")).replaceAll(/^\\.*$/gm, "");
  // pg_dump empties the search path of its session; here the rows follow in the same one.
  return `${text}
    SELECT set_config('search_path', 'public', false);
    INSERT INTO country (country) VALUES ('Finland');
    INSERT INTO city (city, country_id) SELECT 'Turku', country_id FROM country;
    INSERT INTO address (address, district, city_id, phone) SELECT 'Quay 1', 'Harbour', city_id, '1' FROM city;
    INSERT INTO store (store_id, manager_staff_id, address_id) SELECT n, n, address_id FROM address, generate_series(1, 3) AS n;
    INSERT INTO staff (staff_id, first_name, last_name, address_id, store_id, username, password)
      SELECT n, 'Clerk', 'No. ' || n, address_id, n, 'clerk' || n, 'kept secret' FROM address, generate_series(1, 3) AS n;
    INSERT INTO customer (customer_id, store_id, first_name, last_name, email, address_id)
      SELECT n, 1 + n % 3, 'Customer', 'No. ' || n, 'c' || n || '@example.com', address_id FROM address, generate_series(1, 9) AS n;
    INSERT INTO language (name) VALUES ('English');
    INSERT INTO film (title, language_id, fulltext) SELECT 'The Harbour', language_id, '' FROM language;
    INSERT INTO inventory (inventory_id, film_id, store_id) SELECT n, film_id, n FROM film, generate_series(1, 3) AS n;
    INSERT INTO rental (rental_id, rental_date, inventory_id, customer_id, staff_id) SELECT n, now(), n, n, n FROM generate_series(1, 3) AS n;`;
}

export async function signing(): Promise<string> {
  const folder = process.env.CARETAKER_DOCUMENSO_MIGRATIONS;
  if (!folder) return schemaText("signing");
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name, "migration.sql"), "utf8")));
  return texts.join(";\n");
}

/** Rows for the signing service: three organisations, each with a team, its folder and five envelopes. Our own schema has them already. */
export function signingRows(): string {
  if (!process.env.CARETAKER_DOCUMENSO_MIGRATIONS) return "";
  return `
    INSERT INTO "User" ("name", "email", "password") SELECT 'Person ' || n, 'p' || n || '@example.com', 'argon2' FROM generate_series(1, 6) AS n;
    INSERT INTO "OrganisationClaim" ("id", "updatedAt", "teamCount", "memberCount", "flags", "envelopeItemCount", "apiRateLimits", "documentRateLimits", "emailRateLimits", "recipientCount")
      SELECT 'claim_' || n, now(), 1, 1, '{}', 1, '[]', '[]', '[]', 1 FROM generate_series(1, 3) AS n;
    INSERT INTO "OrganisationGlobalSettings" ("id", "emailDocumentSettings") SELECT 'settings_' || n, '{}' FROM generate_series(1, 3) AS n;
    INSERT INTO "OrganisationAuthenticationPortal" ("id") SELECT 'portal_' || n FROM generate_series(1, 3) AS n;
    INSERT INTO "Organisation" ("id", "name", "url", "type", "ownerUserId", "updatedAt", "organisationClaimId", "organisationGlobalSettingsId", "organisationAuthenticationPortalId")
      SELECT id, name, url, 'ORGANISATION', (SELECT u."id" FROM "User" u WHERE u."email" = 'p' || n || '@example.com'), now(), 'claim_' || n, 'settings_' || n, 'portal_' || n
        FROM (VALUES (1, 'org_north', 'North Legal', 'north'), (2, 'org_south', 'South Estates', 'south'), (3, 'org_east', 'East''s "Notaries"', 'east')) AS o (n, id, name, url);
    INSERT INTO "TeamGlobalSettings" ("id") SELECT 'team_settings_' || n FROM generate_series(1, 3) AS n;
    INSERT INTO "Team" ("name", "url", "organisationId", "teamGlobalSettingsId")
      SELECT o."name" || ' team', 'team-' || o."url", o."id", 'team_settings_' || row_number() OVER (ORDER BY o."id") FROM "Organisation" o WHERE o."url" IN ('north', 'south', 'east') ORDER BY o."id";
    INSERT INTO "Folder" ("id", "name", "type", "userId", "teamId")
      SELECT 'folder_' || t."id", 'Contracts', 'DOCUMENT', o."ownerUserId", t."id" FROM "Team" t JOIN "Organisation" o ON o."id" = t."organisationId" AND o."url" IN ('north', 'south', 'east');
    INSERT INTO "DocumentMeta" ("id") SELECT 'meta_' || f."teamId" || '_' || n FROM "Folder" f, generate_series(1, 5) AS n;
    INSERT INTO "Envelope" ("id", "secondaryId", "type", "updatedAt", "title", "source", "internalVersion", "userId", "teamId", "folderId", "documentMetaId", "signatureLevel")
      SELECT 'envelope_' || t."id" || '_' || n, 'document_' || t."id" || '_' || n, 'DOCUMENT', now(), 'Contract ' || n, 'DOCUMENT', 2, f."userId", t."id", 'folder_' || t."id", 'meta_' || t."id" || '_' || n, 'SES'
        FROM "Team" t JOIN "Folder" f ON f."teamId" = t."id", generate_series(1, 5) AS n;
    INSERT INTO "DocumentData" ("id", "type", "data", "initialData") SELECT 'data_' || e."id", 'BYTES', '', '' FROM "Envelope" e WHERE e."id" LIKE 'envelope\\_%';
    INSERT INTO "EnvelopeItem" ("id", "title", "documentDataId", "envelopeId", "order") SELECT 'item_' || e."id", e."title", 'data_' || e."id", e."id", 1 FROM "Envelope" e WHERE e."id" LIKE 'envelope\\_%';
    INSERT INTO "Recipient" ("email", "token", "envelopeId") SELECT 'r@example.com', md5(e."id"), e."id" FROM "Envelope" e WHERE e."id" LIKE 'envelope\\_%';
    INSERT INTO "Field" ("type", "page", "customText", "inserted", "secondaryId", "envelopeId", "envelopeItemId", "recipientId")
      SELECT 'TEXT', 1, '', false, 'field_' || r."envelopeId", r."envelopeId", 'item_' || r."envelopeId", r."id" FROM "Recipient" r WHERE r."envelopeId" LIKE 'envelope\\_%';`;
}
