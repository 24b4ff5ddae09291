ALTER TABLE "databases" ADD COLUMN "own_tenant_key" text;--> statement-breakpoint
ALTER TABLE "databases" ADD COLUMN "home_database_id" uuid;--> statement-breakpoint
ALTER TABLE "managed_tables" ADD COLUMN "tenant_constant" text;--> statement-breakpoint
ALTER TABLE "databases" ADD CONSTRAINT "databases_own_tenant_check" CHECK (("databases"."own_tenant_key" IS NULL) = ("databases"."home_database_id" IS NULL) AND "databases"."home_database_id" <> "databases"."id");