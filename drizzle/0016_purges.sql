CREATE TABLE "purge_batches" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"run_id" uuid NOT NULL,
	"database_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"table_name" text NOT NULL,
	"planned" integer NOT NULL,
	"state" text DEFAULT 'attempted' NOT NULL,
	"removed" jsonb,
	"attempted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "purge_batches_state_check" CHECK ("purge_batches"."state" IN ('attempted', 'confirmed', 'void'))
);
--> statement-breakpoint
CREATE TABLE "purge_policies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"table_name" text NOT NULL,
	"tenant" text,
	"deletion" text NOT NULL,
	"grace_days" integer NOT NULL,
	"reason" text NOT NULL,
	"set_by" uuid,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	"on_at" timestamp with time zone,
	"on_by" uuid,
	"replaced_at" timestamp with time zone,
	CONSTRAINT "purge_policies_deletion_check" CHECK ("purge_policies"."deletion" IN ('soft', 'hard', 'never')),
	CONSTRAINT "purge_policies_grace_check" CHECK ("purge_policies"."grace_days" BETWEEN 0 AND 36500)
);
--> statement-breakpoint
CREATE TABLE "purge_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"database_id" uuid NOT NULL,
	"job_id" uuid,
	"dry" boolean NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"counts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"removed" integer DEFAULT 0 NOT NULL,
	"error" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "purge_runs_state_check" CHECK ("purge_runs"."state" IN ('running', 'done', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "purge_batches" ADD CONSTRAINT "purge_batches_run_id_purge_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."purge_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purge_policies" ADD CONSTRAINT "purge_policies_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purge_policies" ADD CONSTRAINT "purge_policies_set_by_staff_id_fk" FOREIGN KEY ("set_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purge_policies" ADD CONSTRAINT "purge_policies_on_by_staff_id_fk" FOREIGN KEY ("on_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purge_runs" ADD CONSTRAINT "purge_runs_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "purge_runs" ADD CONSTRAINT "purge_runs_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "purge_batches_run_idx" ON "purge_batches" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "purge_batches_open_idx" ON "purge_batches" USING btree ("attempted_at") WHERE "purge_batches"."state" = 'attempted';--> statement-breakpoint
CREATE UNIQUE INDEX "purge_policies_scope_key" ON "purge_policies" USING btree ("database_id","schema","table_name",coalesce("tenant", '')) WHERE "purge_policies"."replaced_at" IS NULL;--> statement-breakpoint
CREATE INDEX "purge_runs_started_at_idx" ON "purge_runs" USING btree ("database_id","started_at");