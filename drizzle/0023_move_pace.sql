ALTER TABLE "servers" ADD COLUMN "moves_at_once" integer DEFAULT 2 NOT NULL;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "pace" text DEFAULT 'normal' NOT NULL;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "pace_limits" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "held" text;--> statement-breakpoint
ALTER TABLE "moves" ADD COLUMN "turn_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "servers" ADD CONSTRAINT "servers_moves_at_once_check" CHECK ("servers"."moves_at_once" BETWEEN 1 AND 100);--> statement-breakpoint
ALTER TABLE "moves" ADD CONSTRAINT "moves_pace_check" CHECK ("moves"."pace" IN ('gentle', 'normal', 'fast'));