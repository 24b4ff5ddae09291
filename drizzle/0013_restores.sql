CREATE TABLE "restore_plans" (
	"hash" text PRIMARY KEY NOT NULL,
	"database_id" uuid NOT NULL,
	"input" jsonb NOT NULL,
	"parts" jsonb,
	"subject" text NOT NULL,
	"shown_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "restores" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"plan_hash" text NOT NULL,
	"database_id" uuid NOT NULL,
	"what" text NOT NULL,
	"subject" text NOT NULL,
	"reason" text,
	"staff_id" uuid,
	"actor_name" text NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"planned" integer NOT NULL,
	"written" integer,
	"exact" integer,
	"chosen" integer,
	"differing" integer,
	"job_id" uuid,
	"undo_of" uuid,
	"error" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "restores_what_check" CHECK ("restores"."what" IN ('restore', 'version', 'undo')),
	CONSTRAINT "restores_state_check" CHECK ("restores"."state" IN ('running', 'done', 'partial', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "restores" ADD CONSTRAINT "restores_plan_hash_restore_plans_hash_fk" FOREIGN KEY ("plan_hash") REFERENCES "public"."restore_plans"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "restores" ADD CONSTRAINT "restores_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "restore_plans_shown_at_idx" ON "restore_plans" USING btree ("shown_at");--> statement-breakpoint
CREATE INDEX "restores_started_at_idx" ON "restores" USING btree ("started_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "restores_undo_of_key" ON "restores" USING btree ("undo_of") WHERE "restores"."state" IN ('running', 'done', 'partial');