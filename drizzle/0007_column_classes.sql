CREATE TABLE "column_classes" (
	"database_id" uuid NOT NULL,
	"schema" text NOT NULL,
	"table_name" text NOT NULL,
	"column_name" text NOT NULL,
	"class" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "column_classes_database_id_schema_table_name_column_name_pk" PRIMARY KEY("database_id","schema","table_name","column_name"),
	CONSTRAINT "column_classes_class_check" CHECK ("column_classes"."class" IN ('plain', 'personal', 'secret'))
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "database_id" uuid;--> statement-breakpoint
ALTER TABLE "column_classes" ADD CONSTRAINT "column_classes_database_id_databases_id_fk" FOREIGN KEY ("database_id") REFERENCES "public"."databases"("id") ON DELETE no action ON UPDATE no action;