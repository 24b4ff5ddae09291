CREATE TABLE "seal_epochs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" text NOT NULL,
	"from_leaf" bigint NOT NULL,
	"to_leaf" bigint NOT NULL,
	"lost" bigint NOT NULL,
	"reason" text NOT NULL,
	"begun_by" text NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "seal_verifications" ADD COLUMN "lost" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "seal_epochs_idx" ON "seal_epochs" USING btree ("database_id","begun_at");