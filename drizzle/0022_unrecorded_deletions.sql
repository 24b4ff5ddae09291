CREATE TABLE "unrecorded_deletions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "unrecorded_deletions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"database_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"table_name" text NOT NULL,
	"rows" bigint NOT NULL,
	"began_anew" boolean NOT NULL,
	"since" timestamp with time zone,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watched_deletes" (
	"database_id" uuid PRIMARY KEY NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"stats_reset" text,
	"counts" jsonb NOT NULL,
	"unrecorded" text[] NOT NULL
);
--> statement-breakpoint
ALTER TABLE "unrecorded_deletions" ADD CONSTRAINT "unrecorded_deletions_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "watched_deletes" ADD CONSTRAINT "watched_deletes_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "unrecorded_deletions_until_idx" ON "unrecorded_deletions" USING btree ("until","id");--> statement-breakpoint
CREATE INDEX "unrecorded_deletions_table_idx" ON "unrecorded_deletions" USING btree ("database_id","schema","table_name","until");