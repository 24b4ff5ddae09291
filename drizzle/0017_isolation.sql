CREATE TABLE "isolation_acceptances" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" uuid NOT NULL,
	"key" text NOT NULL,
	"evidence" text NOT NULL,
	"reason" text NOT NULL,
	"accepted_by" uuid,
	"accepted_by_name" text NOT NULL,
	"accepted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"withdrawn_by" uuid,
	"withdrawn_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "isolation_findings" (
	"run_id" uuid NOT NULL,
	"key" text NOT NULL,
	"evidence" text NOT NULL,
	"kind" text NOT NULL,
	"severity" text NOT NULL,
	"schema" text NOT NULL,
	"name" text NOT NULL,
	"what" text NOT NULL,
	"why" text NOT NULL,
	"shows" text,
	"mends" text,
	"source" text NOT NULL,
	CONSTRAINT "isolation_findings_run_id_key_pk" PRIMARY KEY("run_id","key")
);
--> statement-breakpoint
CREATE TABLE "isolation_relations" (
	"run_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"verdict" text NOT NULL,
	"detail" text NOT NULL,
	"attempts" jsonb NOT NULL,
	CONSTRAINT "isolation_relations_run_id_schema_name_kind_pk" PRIMARY KEY("run_id","schema","name","kind")
);
--> statement-breakpoint
CREATE TABLE "isolation_runs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" uuid NOT NULL,
	"state" text NOT NULL,
	"role" text,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tables" integer DEFAULT 0 NOT NULL,
	"leaking" integer DEFAULT 0 NOT NULL,
	"unproven" integer DEFAULT 0 NOT NULL,
	"unprotected" integer DEFAULT 0 NOT NULL,
	"limits" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"error" text,
	"fix" text,
	CONSTRAINT "isolation_runs_state_check" CHECK ("isolation_runs"."state" IN ('done', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "isolation_acceptances" ADD CONSTRAINT "isolation_acceptances_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "isolation_acceptances" ADD CONSTRAINT "isolation_acceptances_accepted_by_staff_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "isolation_acceptances" ADD CONSTRAINT "isolation_acceptances_withdrawn_by_staff_id_fk" FOREIGN KEY ("withdrawn_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "isolation_findings" ADD CONSTRAINT "isolation_findings_run_id_isolation_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."isolation_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "isolation_relations" ADD CONSTRAINT "isolation_relations_run_id_isolation_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."isolation_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "isolation_runs" ADD CONSTRAINT "isolation_runs_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "isolation_acceptances_key" ON "isolation_acceptances" USING btree ("database_id","key","evidence") WHERE "isolation_acceptances"."withdrawn_at" IS NULL;--> statement-breakpoint
CREATE INDEX "isolation_runs_idx" ON "isolation_runs" USING btree ("database_id","finished_at");