-- A document-signing service as an object-relational mapper lays it out: quoted camelCase names, text ids, enums, "deletedAt",
-- children that reach their organisation by foreign keys only, a self-reference, reserved words and join tables.
CREATE TYPE "DocumentStatus" AS ENUM ('DRAFT', 'PENDING', 'COMPLETED');
CREATE TYPE "MemberRole" AS ENUM ('ADMIN', 'MEMBER');

CREATE TABLE "User" (
  "id" SERIAL PRIMARY KEY,
  "name" TEXT,
  "email" TEXT NOT NULL,
  "password" TEXT,
  "twoFactorSecret" TEXT,
  "twoFactorBackupCodes" TEXT,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE UNIQUE INDEX "User_email_key" ON "User" ("email");

CREATE TABLE "Session" (
  "id" TEXT PRIMARY KEY,
  "sessionToken" TEXT NOT NULL,
  "userId" INTEGER NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "expires" TIMESTAMP(3) NOT NULL
);

CREATE TABLE "Organisation" (
  "id" TEXT PRIMARY KEY,
  "name" TEXT NOT NULL,
  "url" TEXT NOT NULL UNIQUE,
  "ownerUserId" INTEGER NOT NULL REFERENCES "User" ("id"),
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "OrganisationMember" (
  "id" TEXT PRIMARY KEY,
  "role" "MemberRole" NOT NULL DEFAULT 'MEMBER',
  "userId" INTEGER NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE,
  "organisationId" TEXT NOT NULL REFERENCES "Organisation" ("id") ON DELETE CASCADE,
  UNIQUE ("userId", "organisationId")
);

CREATE TABLE "Team" (
  "id" SERIAL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "organisationId" TEXT NOT NULL REFERENCES "Organisation" ("id") ON DELETE CASCADE
);

CREATE TABLE "TeamEmail" (
  "teamId" INTEGER PRIMARY KEY REFERENCES "Team" ("id") ON DELETE CASCADE,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL UNIQUE
);

CREATE TABLE "ApiToken" (
  "id" SERIAL PRIMARY KEY,
  "token" TEXT NOT NULL UNIQUE,
  "userId" INTEGER REFERENCES "User" ("id") ON DELETE CASCADE,
  "teamId" INTEGER NOT NULL REFERENCES "Team" ("id") ON DELETE CASCADE
);

CREATE TABLE "Folder" (
  "id" TEXT PRIMARY KEY,
  "name" TEXT NOT NULL,
  "teamId" INTEGER NOT NULL REFERENCES "Team" ("id") ON DELETE CASCADE,
  "parentId" TEXT REFERENCES "Folder" ("id") ON DELETE CASCADE
);

CREATE TABLE "Envelope" (
  "id" TEXT PRIMARY KEY,
  "title" TEXT NOT NULL,
  "status" "DocumentStatus" NOT NULL DEFAULT 'DRAFT',
  "formValues" JSONB,
  "teamId" INTEGER NOT NULL REFERENCES "Team" ("id") ON DELETE CASCADE,
  "userId" INTEGER NOT NULL REFERENCES "User" ("id"),
  "folderId" TEXT REFERENCES "Folder" ("id") ON DELETE SET NULL,
  "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "deletedAt" TIMESTAMP(3)
);

CREATE TABLE "Recipient" (
  "id" SERIAL PRIMARY KEY,
  "email" VARCHAR(255) NOT NULL,
  "token" TEXT NOT NULL,
  "order" INTEGER,
  "envelopeId" TEXT NOT NULL REFERENCES "Envelope" ("id") ON DELETE CASCADE
);

CREATE TABLE "Field" (
  "id" SERIAL PRIMARY KEY,
  "page" INTEGER NOT NULL,
  "positionX" DECIMAL(65, 30) NOT NULL DEFAULT 0,
  "customText" TEXT NOT NULL,
  "envelopeId" TEXT NOT NULL REFERENCES "Envelope" ("id") ON DELETE CASCADE,
  "recipientId" INTEGER NOT NULL REFERENCES "Recipient" ("id") ON DELETE CASCADE
);

CREATE TABLE "Signature" (
  "id" SERIAL PRIMARY KEY,
  "recipientId" INTEGER NOT NULL REFERENCES "Recipient" ("id") ON DELETE CASCADE,
  "fieldId" INTEGER NOT NULL UNIQUE REFERENCES "Field" ("id") ON DELETE CASCADE,
  "typedSignature" TEXT
);

CREATE TABLE "DocumentAuditLog" (
  "id" TEXT PRIMARY KEY,
  "type" TEXT NOT NULL,
  "data" JSONB NOT NULL,
  "envelopeId" TEXT REFERENCES "Envelope" ("id") ON DELETE SET NULL
);

CREATE TABLE "RateLimit" (
  "key" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "bucket" TIMESTAMP(3) NOT NULL,
  "count" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("key", "action", "bucket")
);

CREATE TABLE "_prisma_migrations" ("id" VARCHAR(36) PRIMARY KEY, "migration_name" VARCHAR(255) NOT NULL);

INSERT INTO "User" ("name", "email", "password") SELECT 'Person ' || n, 'p' || n || '@example.com', 'argon2' FROM generate_series(1, 6) AS n;
INSERT INTO "Organisation" ("id", "name", "url", "ownerUserId") VALUES
  ('org_north', 'North Legal', 'north', 1), ('org_south', 'South Estates', 'south', 2), ('org_east', 'East''s "Notaries"', 'east', 3);
INSERT INTO "OrganisationMember" ("id", "userId", "organisationId") SELECT 'member_' || u."id" || o."id", u."id", o."id" FROM "User" u, "Organisation" o WHERE u."id" <= 2;
INSERT INTO "Team" ("name", "organisationId") SELECT o."name" || ' team', o."id" FROM "Organisation" o ORDER BY o."id";
INSERT INTO "Folder" ("id", "name", "teamId") SELECT 'folder_' || "id", 'Contracts', "id" FROM "Team";
INSERT INTO "Envelope" ("id", "title", "teamId", "userId", "folderId")
  SELECT 'envelope_' || t."id" || '_' || n, 'Contract ' || n, t."id", 1, 'folder_' || t."id" FROM "Team" t, generate_series(1, 5) AS n;
INSERT INTO "Recipient" ("email", "token", "envelopeId") SELECT 'r@example.com', md5(e."id"), e."id" FROM "Envelope" e;
INSERT INTO "Field" ("page", "customText", "envelopeId", "recipientId") SELECT 1, '', r."envelopeId", r."id" FROM "Recipient" r;
