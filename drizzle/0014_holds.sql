ALTER TABLE "legal_holds" ADD COLUMN "kind" text DEFAULT 'everything' NOT NULL;--> statement-breakpoint
ALTER TABLE "legal_holds" ADD COLUMN "person" text;--> statement-breakpoint
ALTER TABLE "legal_holds" ADD COLUMN "rules" jsonb;--> statement-breakpoint
UPDATE "legal_holds" SET "kind" = CASE WHEN "record" IS NOT NULL THEN 'record' WHEN "tenant" IS NOT NULL THEN 'tenant' WHEN "table" IS NOT NULL THEN 'table' ELSE 'everything' END;--> statement-breakpoint
ALTER TABLE "legal_holds" ADD CONSTRAINT "legal_holds_kind_check" CHECK ("legal_holds"."kind" IN ('everything', 'table', 'tenant', 'record', 'person', 'filter')
          AND ("legal_holds"."kind" IN ('person', 'filter')) = ("legal_holds"."rules" IS NOT NULL));