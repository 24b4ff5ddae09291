ALTER TABLE "moves" ADD COLUMN "silent_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "silent_why" text;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "given_up_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "given_up_by" text;