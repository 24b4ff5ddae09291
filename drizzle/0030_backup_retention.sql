CREATE TABLE "backup_retentions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"database_id" text NOT NULL,
	"keep_days" integer,
	"reason" text NOT NULL,
	"set_by" uuid,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replaced_at" timestamp with time zone,
	CONSTRAINT "backup_retentions_keep_check" CHECK ("backup_retentions"."keep_days" BETWEEN 1 AND 3650)
);
--> statement-breakpoint
ALTER TABLE "backups" DROP CONSTRAINT "backups_state_check";--> statement-breakpoint
ALTER TABLE "backups" ADD COLUMN "expired_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "backup_retentions" ADD CONSTRAINT "backup_retentions_set_by_staff_id_fk" FOREIGN KEY ("set_by") REFERENCES "public"."staff"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "backup_retentions_key" ON "backup_retentions" USING btree ("database_id") WHERE "backup_retentions"."replaced_at" IS NULL;--> statement-breakpoint
ALTER TABLE "backups" ADD CONSTRAINT "backups_state_check" CHECK ("backups"."state" IN ('running', 'good', 'failed', 'damaged', 'missing', 'expired'));