CREATE TABLE "advice_rules" (
	"database_id" uuid PRIMARY KEY NOT NULL,
	"shared_bytes_max" bigint NOT NULL,
	"schema_bytes_max" bigint NOT NULL,
	"write_share_max" real NOT NULL,
	"days" integer NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenant_papers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"object" text,
	"bytes" bigint,
	"sha256" text,
	"rows" bigint,
	"facts" jsonb NOT NULL,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_papers_kind_check" CHECK ("tenant_papers"."kind" IN ('export', 'archive', 'certificate'))
);
--> statement-breakpoint
CREATE TABLE "tenant_size_days" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"bytes" bigint NOT NULL,
	"tables" jsonb NOT NULL,
	CONSTRAINT "tenant_size_days_tenant_id_day_pk" PRIMARY KEY("tenant_id","day")
);
--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "size_error" real;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "growth_bytes" bigint;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "writes" bigint;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "write_share" real;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "last_active_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "rated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "advised_tier" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "advised_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "advice_reason" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "residency" text;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "dedicated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "notes" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "advice_rules" ADD CONSTRAINT "advice_rules_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_papers" ADD CONSTRAINT "tenant_papers_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_size_days" ADD CONSTRAINT "tenant_size_days_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tenant_papers_tenant_idx" ON "tenant_papers" USING btree ("tenant_id","made_at");--> statement-breakpoint
CREATE INDEX "placements_apart_idx" ON "placements" USING btree ("tier","tenant_id") WHERE "placements"."state" = 'open' AND "placements"."tier" <> 'shared';--> statement-breakpoint
CREATE INDEX "tenants_any_key_idx" ON "tenants" USING btree ("key");--> statement-breakpoint
CREATE INDEX "tenants_growth_idx" ON "tenants" USING btree (coalesce("growth_bytes", -9000000000000000000),"id");--> statement-breakpoint
CREATE INDEX "tenants_writes_idx" ON "tenants" USING btree (coalesce("writes", -1),"id");--> statement-breakpoint
CREATE INDEX "tenants_last_active_idx" ON "tenants" USING btree (coalesce("last_active_at", '-infinity'),"id");--> statement-breakpoint
CREATE INDEX "tenants_advised_idx" ON "tenants" USING btree ("advised_since","id") WHERE "tenants"."advised_tier" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "tenants_status_idx" ON "tenants" USING btree ("status","id") WHERE "tenants"."status" <> 'active';--> statement-breakpoint
-- Part of a name is found through trigrams. Where the extension is not to be had, the search reads every name.
DO $do$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
  CREATE INDEX tenants_name_trgm_idx ON tenants USING gin (name public.gin_trgm_ops);
  CREATE INDEX tenants_slug_trgm_idx ON tenants USING gin (slug public.gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
  RAISE NOTICE 'Without pg_trgm the search for tenants reads every name: %', SQLERRM;
END
$do$;
