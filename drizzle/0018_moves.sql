CREATE TABLE "move_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "move_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"move_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"line" text NOT NULL,
	"actor_name" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "move_tables" (
	"move_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"name" text NOT NULL,
	"class" text NOT NULL,
	"copied_to_key" text[],
	"estimated_rows" bigint,
	"rows" bigint DEFAULT 0 NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"copied_at" timestamp with time zone,
	"drained" bigint DEFAULT 0 NOT NULL,
	"verified_rows" bigint,
	"checksum_source" text,
	"checksum_target" text,
	"verified_at" timestamp with time zone,
	CONSTRAINT "move_tables_move_id_ordinal_pk" PRIMARY KEY("move_id","ordinal"),
	CONSTRAINT "move_tables_class_check" CHECK ("move_tables"."class" IN ('tenant', 'child'))
);
--> statement-breakpoint
CREATE TABLE "moves" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"number" integer GENERATED ALWAYS AS IDENTITY (sequence name "moves_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant_id" uuid NOT NULL,
	"from_placement_id" uuid NOT NULL,
	"to_placement_id" uuid NOT NULL,
	"state" text DEFAULT 'preparing' NOT NULL,
	"state_version" integer DEFAULT 1 NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"plan_hash" text NOT NULL,
	"plan" jsonb NOT NULL,
	"cutover" text NOT NULL,
	"cutover_at" timestamp with time zone,
	"paused_at" timestamp with time zone,
	"paused_by" text,
	"throttle_rows" integer,
	"grace_hours" integer DEFAULT 72 NOT NULL,
	"reason" text,
	"actor_name" text NOT NULL,
	"staff_id" uuid,
	"job_id" uuid,
	"pause_ms" double precision,
	"predicted_pause_ms" double precision,
	"lag_keys" bigint,
	"lag_at" timestamp with time zone,
	"verify_asked_at" timestamp with time zone,
	"error" text,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ready_at" timestamp with time zone,
	"moved_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "moves_state_check" CHECK ("moves"."state" IN ('preparing', 'copying', 'indexing', 'catching_up', 'verifying', 'ready', 'cutting', 'moved',
                             'reversing', 'completing', 'completed', 'aborting', 'aborted')),
	CONSTRAINT "moves_cutover_check" CHECK ("moves"."cutover" IN ('ready', 'at', 'asked')),
	CONSTRAINT "moves_cutover_at_check" CHECK (("moves"."cutover" = 'at') = ("moves"."cutover_at" IS NOT NULL))
);
--> statement-breakpoint
ALTER TABLE "move_events" ADD CONSTRAINT "move_events_move_id_moves_id_fk" FOREIGN KEY ("move_id") REFERENCES "public"."moves"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "move_tables" ADD CONSTRAINT "move_tables_move_id_moves_id_fk" FOREIGN KEY ("move_id") REFERENCES "public"."moves"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_from_placement_id_placements_id_fk" FOREIGN KEY ("from_placement_id") REFERENCES "public"."placements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_to_placement_id_placements_id_fk" FOREIGN KEY ("to_placement_id") REFERENCES "public"."placements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_job_id_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."jobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "move_events_move_id_idx" ON "move_events" USING btree ("move_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "moves_active_key" ON "moves" USING btree ("tenant_id") WHERE "moves"."state" NOT IN ('completed', 'aborted');--> statement-breakpoint
CREATE INDEX "moves_started_at_idx" ON "moves" USING btree ("started_at","id");