CREATE TABLE "erased_entries" (
	"database_id" text NOT NULL,
	"entry_id" bigint NOT NULL,
	"job_id" uuid NOT NULL,
	"planned_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "erased_entries_database_id_entry_id_pk" PRIMARY KEY("database_id","entry_id")
);
--> statement-breakpoint
CREATE TABLE "seal_checkpoints" (
	"database_id" text NOT NULL,
	"size" bigint NOT NULL,
	"note" text NOT NULL,
	"root" text NOT NULL,
	"signed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	CONSTRAINT "seal_checkpoints_database_id_size_pk" PRIMARY KEY("database_id","size")
);
--> statement-breakpoint
CREATE TABLE "seal_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"verifier" text NOT NULL,
	"sealed" text NOT NULL,
	"made_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "seal_keys_verifier_unique" UNIQUE("verifier")
);
--> statement-breakpoint
CREATE TABLE "seal_tiles" (
	"database_id" text NOT NULL,
	"level" integer NOT NULL,
	"index" integer NOT NULL,
	"hashes" "bytea" NOT NULL,
	"ids" "bytea",
	"id_min" bigint,
	"id_max" bigint,
	"seed" "bytea",
	"salts" "bytea",
	CONSTRAINT "seal_tiles_database_id_level_index_pk" PRIMARY KEY("database_id","level","index")
);
--> statement-breakpoint
CREATE TABLE "seal_verifications" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" text NOT NULL,
	"verdict" text NOT NULL,
	"size" bigint NOT NULL,
	"entries" bigint NOT NULL,
	"erased" bigint NOT NULL,
	"archived" bigint NOT NULL,
	"finding_count" bigint NOT NULL,
	"findings" jsonb NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "seal_verifications_verdict_check" CHECK ("seal_verifications"."verdict" IN ('good', 'bad'))
);
--> statement-breakpoint
CREATE TABLE "sealed_logs" (
	"database_id" text PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"last_transaction" text DEFAULT '0' NOT NULL,
	"last_id" text DEFAULT '0' NOT NULL,
	"sealed_to" text DEFAULT '0' NOT NULL,
	"generation" integer DEFAULT 0 NOT NULL,
	"sealed_at" timestamp with time zone,
	"stopped" text,
	CONSTRAINT "sealed_logs_origin_unique" UNIQUE("origin")
);
--> statement-breakpoint
CREATE INDEX "seal_tiles_id_idx" ON "seal_tiles" USING btree ("database_id","id_max") WHERE "seal_tiles"."level" = 0;--> statement-breakpoint
CREATE INDEX "seal_verifications_idx" ON "seal_verifications" USING btree ("database_id","finished_at");