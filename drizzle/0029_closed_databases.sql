CREATE TABLE "closed_databases" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" uuid NOT NULL,
	"from_id" uuid NOT NULL,
	"grants" jsonb NOT NULL,
	"lent" boolean NOT NULL,
	"reason" text NOT NULL,
	"closed_by" text NOT NULL,
	"closed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"opened_by" text,
	"opened_at" timestamp with time zone,
	"opened_why" text
);
--> statement-breakpoint
CREATE UNIQUE INDEX "closed_databases_key" ON "closed_databases" USING btree ("database_id") WHERE "closed_databases"."opened_at" IS NULL;