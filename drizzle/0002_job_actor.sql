ALTER TABLE "jobs" ADD COLUMN "capabilities" text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "request_id" text NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "revision" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sign_in_attempts" ADD COLUMN "retry_at" timestamp with time zone DEFAULT now() NOT NULL;