CREATE TABLE "operations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"begun_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "operations_begun_at_idx" ON "operations" USING btree ("begun_at");