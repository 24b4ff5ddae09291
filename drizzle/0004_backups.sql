ALTER TABLE "backups" DROP CONSTRAINT "backups_database_id_databases_id_fk";
--> statement-breakpoint
ALTER TABLE "backups" ALTER COLUMN "database_id" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "database_name" text NOT NULL;--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "globals_file" text;--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "globals_note" text;--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "objects" integer;--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "tables" integer;