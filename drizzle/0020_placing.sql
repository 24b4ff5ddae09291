CREATE TABLE "placement_policies" (
	"home_database_id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"region" text,
	"server_id" uuid,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "placement_policies_kind_check" CHECK ("placement_policies"."kind" IN ('least_loaded', 'region', 'pinned')),
	CONSTRAINT "placement_policies_part_check" CHECK (("placement_policies"."kind" = 'region') = ("placement_policies"."region" IS NOT NULL) AND ("placement_policies"."kind" = 'pinned') = ("placement_policies"."server_id" IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "rebalance_moves" (
	"rebalance_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"tenant_id" uuid NOT NULL,
	"from_server_id" uuid NOT NULL,
	"to_server_id" uuid NOT NULL,
	"bytes" bigint NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"move_id" uuid,
	"error" text,
	CONSTRAINT "rebalance_moves_rebalance_id_ordinal_pk" PRIMARY KEY("rebalance_id","ordinal"),
	CONSTRAINT "rebalance_moves_state_check" CHECK ("rebalance_moves"."state" IN ('queued', 'moving', 'moved', 'failed', 'skipped'))
);
--> statement-breakpoint
CREATE TABLE "rebalances" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"plan_hash" text NOT NULL,
	"limit" real NOT NULL,
	"plan" jsonb NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"reason" text,
	"actor_name" text NOT NULL,
	"staff_id" uuid,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "rebalances_state_check" CHECK ("rebalances"."state" IN ('running', 'done', 'stopped'))
);
--> statement-breakpoint
CREATE TABLE "server_samples" (
	"server_id" uuid NOT NULL,
	"sampled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_bytes" bigint NOT NULL,
	"active_ms" double precision NOT NULL,
	CONSTRAINT "server_samples_server_id_sampled_at_pk" PRIMARY KEY("server_id","sampled_at")
);
--> statement-breakpoint
ALTER TABLE "servers" ADD COLUMN "region" text;--> statement-breakpoint
ALTER TABLE "servers" ADD COLUMN "disk_bytes" bigint;--> statement-breakpoint
ALTER TABLE "servers" ADD COLUMN "cores" integer;--> statement-breakpoint
ALTER TABLE "placement_policies" ADD CONSTRAINT "placement_policies_home_database_id_databases_id_fk" FOREIGN KEY ("home_database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "placement_policies" ADD CONSTRAINT "placement_policies_server_id_servers_id_fk" FOREIGN KEY ("server_id") REFERENCES "public"."servers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_rebalance_id_rebalances_id_fk" FOREIGN KEY ("rebalance_id") REFERENCES "public"."rebalances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_from_server_id_servers_id_fk" FOREIGN KEY ("from_server_id") REFERENCES "public"."servers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_to_server_id_servers_id_fk" FOREIGN KEY ("to_server_id") REFERENCES "public"."servers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rebalance_moves" ADD CONSTRAINT "rebalance_moves_move_id_moves_id_fk" FOREIGN KEY ("move_id") REFERENCES "public"."moves"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "server_samples" ADD CONSTRAINT "server_samples_server_id_servers_id_fk" FOREIGN KEY ("server_id") REFERENCES "public"."servers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rebalances_started_at_idx" ON "rebalances" USING btree ("started_at");--> statement-breakpoint
ALTER TABLE "servers" ADD CONSTRAINT "servers_capacity_check" CHECK ("servers"."disk_bytes" > 0 AND "servers"."cores" > 0);