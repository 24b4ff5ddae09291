CREATE TABLE "erasure_checks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"erasure_id" uuid NOT NULL,
	"database_id" uuid NOT NULL,
	"what" text NOT NULL,
	"clean" boolean NOT NULL,
	"applied" integer DEFAULT 0 NOT NULL,
	"remaining" jsonb NOT NULL,
	"not_reached" jsonb NOT NULL,
	"actor_name" text NOT NULL,
	"job_id" uuid,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erasure_checks_what_check" CHECK ("erasure_checks"."what" IN ('run', 'check', 'replay'))
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"subject_ref" text NOT NULL,
	"basis" text NOT NULL,
	"state" text DEFAULT 'finding' NOT NULL,
	"sealed" text NOT NULL,
	"found" text,
	"found_at" timestamp with time zone,
	"rehearsed_hash" text,
	"plan_hash" text,
	"outcome" jsonb,
	"reason" text,
	"asked_by" text NOT NULL,
	"proposed_by" text,
	"approved_by" text,
	"find_job_id" uuid,
	"run_job_id" uuid,
	"error" text,
	"certificate" text,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "erasures_state_check" CHECK ("erasures"."state" IN ('finding', 'found', 'running', 'done', 'incomplete'))
);
--> statement-breakpoint
ALTER TABLE "erasure_checks" ADD CONSTRAINT "erasure_checks_erasure_id_erasures_id_fk" FOREIGN KEY ("erasure_id") REFERENCES "public"."erasures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_find_job_id_jobs_id_fk" FOREIGN KEY ("find_job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_run_job_id_jobs_id_fk" FOREIGN KEY ("run_job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasure_checks_idx" ON "erasure_checks" USING btree ("erasure_id","checked_at");--> statement-breakpoint
CREATE INDEX "erasures_asked_at_idx" ON "erasures" USING btree ("asked_at","id");--> statement-breakpoint
CREATE INDEX "erasures_database_id_idx" ON "erasures" USING btree ("database_id","finished_at");--> statement-breakpoint
CREATE INDEX "erasures_subject_ref_idx" ON "erasures" USING btree ("subject_ref");