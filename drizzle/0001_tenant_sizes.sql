CREATE TABLE "watched_indexes" (
	"database_id" text NOT NULL,
	"index_oid" text NOT NULL,
	"scans" bigint NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "watched_indexes_database_id_index_oid_pk" PRIMARY KEY("database_id","index_oid")
);
--> statement-breakpoint
CREATE TABLE "tenant_table_sizes" (
	"tenant_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"name" text NOT NULL,
	"rows" bigint,
	"bytes" bigint NOT NULL,
	"method" text NOT NULL,
	"error_ratio" real,
	"sized_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_table_sizes_tenant_id_schema_name_pk" PRIMARY KEY("tenant_id","schema","name"),
	CONSTRAINT "tenant_table_sizes_method_check" CHECK ("tenant_table_sizes"."method" IN ('exact', 'sample', 'pages'))
);
--> statement-breakpoint
ALTER TABLE "health_samples" DROP CONSTRAINT "health_samples_database_id_databases_id_fk";
--> statement-breakpoint
DROP INDEX "tenants_size_idx";--> statement-breakpoint
ALTER TABLE "health_samples" ALTER COLUMN "database_id" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "tenant_table_sizes" ADD CONSTRAINT "tenant_table_sizes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tenants_created_at_idx" ON "tenants" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "tenants_size_idx" ON "tenants" USING btree (coalesce("size_bytes", -1),"id");