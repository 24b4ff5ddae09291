CREATE TABLE "checkpoint_deliveries" (
	"place_id" uuid NOT NULL,
	"database_id" text NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"delivered" bigint DEFAULT 0 NOT NULL,
	"delivered_at" timestamp with time zone,
	"checked_at" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone DEFAULT now() NOT NULL,
	"error" text,
	"lease_until" timestamp with time zone,
	CONSTRAINT "checkpoint_deliveries_place_id_database_id_pk" PRIMARY KEY("place_id","database_id")
);
--> statement-breakpoint
CREATE TABLE "checkpoint_places" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"target" jsonb NOT NULL,
	"secret" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "checkpoint_deliveries" ADD CONSTRAINT "checkpoint_deliveries_place_id_checkpoint_places_id_fk" FOREIGN KEY ("place_id") REFERENCES "public"."checkpoint_places"("id") ON DELETE no action ON UPDATE no action;