CREATE TABLE "audit_export_links" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"export_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"note" text NOT NULL,
	"issued_by" text NOT NULL,
	"issued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "audit_export_links_token_hash_unique" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "audit_exports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"format" text NOT NULL,
	"columns" text[] NOT NULL,
	"zone" text NOT NULL,
	"query" text NOT NULL,
	"keep_days" integer NOT NULL,
	"estimate" bigint NOT NULL,
	"staff_id" uuid,
	"actor_name" text NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"file" text,
	"manifest_file" text,
	"rows" bigint,
	"bytes" bigint,
	"sha256" text,
	"manifest" jsonb,
	"ready_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	CONSTRAINT "audit_exports_state_check" CHECK ("audit_exports"."state" IN ('running', 'ready', 'expired')),
	CONSTRAINT "audit_exports_ready_check" CHECK ("audit_exports"."state" <> 'ready' OR ("audit_exports"."file" IS NOT NULL AND "audit_exports"."sha256" IS NOT NULL)),
	CONSTRAINT "audit_exports_keep_check" CHECK ("audit_exports"."keep_days" BETWEEN 1 AND 90)
);
--> statement-breakpoint
CREATE TABLE "audit_stream_cursors" (
	"stream_id" uuid NOT NULL,
	"database_id" text NOT NULL,
	"transaction_id" text NOT NULL,
	"entry_id" text NOT NULL,
	"delivered" bigint DEFAULT 0 NOT NULL,
	"delivered_at" timestamp with time zone,
	"behind_since" timestamp with time zone,
	"checked_at" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone DEFAULT now() NOT NULL,
	"error" text,
	"lease_until" timestamp with time zone,
	CONSTRAINT "audit_stream_cursors_stream_id_database_id_pk" PRIMARY KEY("stream_id","database_id")
);
--> statement-breakpoint
CREATE TABLE "audit_streams" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"target" jsonb NOT NULL,
	"secret" text,
	"format" text NOT NULL,
	"query" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"paused_at" timestamp with time zone,
	"removed_at" timestamp with time zone,
	CONSTRAINT "audit_streams_format_check" CHECK ("audit_streams"."format" IN ('ndjson', 'ocsf'))
);
--> statement-breakpoint
ALTER TABLE "audit_export_links" ADD CONSTRAINT "audit_export_links_export_id_audit_exports_id_fk" FOREIGN KEY ("export_id") REFERENCES "public"."audit_exports"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_exports" ADD CONSTRAINT "audit_exports_id_jobs_id_fk" FOREIGN KEY ("id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_stream_cursors" ADD CONSTRAINT "audit_stream_cursors_stream_id_audit_streams_id_fk" FOREIGN KEY ("stream_id") REFERENCES "public"."audit_streams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_export_links_export_id_idx" ON "audit_export_links" USING btree ("export_id");--> statement-breakpoint
CREATE INDEX "audit_exports_requested_at_idx" ON "audit_exports" USING btree ("requested_at","id");--> statement-breakpoint
CREATE INDEX "audit_streams_created_at_idx" ON "audit_streams" USING btree ("created_at");