CREATE TABLE "audit_archives" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" text NOT NULL,
	"database_name" text NOT NULL,
	"month" text NOT NULL,
	"state" text NOT NULL,
	"place" text NOT NULL,
	"key" text NOT NULL,
	"manifest_key" text NOT NULL,
	"manifest" jsonb NOT NULL,
	"rows" bigint NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"content_sha256" text NOT NULL,
	"job_id" uuid,
	"stored_at" timestamp with time zone DEFAULT now() NOT NULL,
	"verified_at" timestamp with time zone DEFAULT now() NOT NULL,
	"cold_at" timestamp with time zone,
	"hot_until" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"ended_why" text,
	CONSTRAINT "audit_archives_state_check" CHECK ("audit_archives"."state" IN ('stored', 'cold', 'hot', 'replaced', 'expired')),
	CONSTRAINT "audit_archives_month_check" CHECK ("audit_archives"."month" ~ '^\d{4}-(0[1-9]|1[0-2])$')
);
--> statement-breakpoint
CREATE TABLE "legal_holds" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"database_id" text,
	"schema" text,
	"table" text,
	"tenant" text,
	"record" text,
	"reason" text NOT NULL,
	"placed_by" uuid,
	"placed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"released_by" uuid,
	"released_at" timestamp with time zone,
	"release_reason" text
);
--> statement-breakpoint
CREATE TABLE "retention_rules" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" text NOT NULL,
	"schema" text,
	"table" text,
	"tenant" text,
	"keep_months" integer NOT NULL,
	"hot_months" integer,
	"reason" text NOT NULL,
	"set_by" uuid,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replaced_at" timestamp with time zone,
	CONSTRAINT "retention_rules_keep_check" CHECK ("retention_rules"."keep_months" BETWEEN 12 AND 84),
	CONSTRAINT "retention_rules_hot_check" CHECK ("retention_rules"."hot_months" BETWEEN 1 AND 84),
	CONSTRAINT "retention_rules_scope_check" CHECK (("retention_rules"."schema" IS NULL) = ("retention_rules"."table" IS NULL)
          AND ("retention_rules"."hot_months" IS NULL OR ("retention_rules"."table" IS NULL AND "retention_rules"."tenant" IS NULL)))
);
--> statement-breakpoint
ALTER TABLE "audit_archives" ADD CONSTRAINT "audit_archives_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_holds" ADD CONSTRAINT "legal_holds_placed_by_staff_id_fk" FOREIGN KEY ("placed_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "legal_holds" ADD CONSTRAINT "legal_holds_released_by_staff_id_fk" FOREIGN KEY ("released_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retention_rules" ADD CONSTRAINT "retention_rules_set_by_staff_id_fk" FOREIGN KEY ("set_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_archives_month_key" ON "audit_archives" USING btree ("database_id","month") WHERE "audit_archives"."state" IN ('stored', 'cold', 'hot');--> statement-breakpoint
CREATE INDEX "audit_archives_idx" ON "audit_archives" USING btree ("database_id","month");--> statement-breakpoint
CREATE UNIQUE INDEX "legal_holds_name_key" ON "legal_holds" USING btree ("name") WHERE "legal_holds"."released_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "retention_rules_scope_key" ON "retention_rules" USING btree ("database_id",coalesce("schema", ''),coalesce("table", ''),coalesce("tenant", '')) WHERE "retention_rules"."replaced_at" IS NULL;