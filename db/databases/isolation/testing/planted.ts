import type { Planted } from "./design.ts";
import { mine, secured, tables } from "./tables.ts";

// One hole each in a design that is tight without it.

export const planted: Planted[] = [
  {
    name: "a second permissive policy that admits everything",
    sql: `${secured} CREATE POLICY reporting ON tasks FOR SELECT USING (true);`,
    finds: { kind: "leak by select", name: "tasks" },
  },
  {
    name: "row security forgotten on one table",
    sql: `${secured} CREATE TABLE notes (id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants, body text);
          INSERT INTO notes SELECT n, 1 + n % 2, 'note' FROM generate_series(1, 6) AS n;
          GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO @app;`,
    finds: { kind: "leak by select", name: "notes" },
  },
  {
    name: "an update policy that is wider than the select policy, and shows only without a condition",
    sql: `${tables}
          CREATE POLICY reads ON tasks FOR SELECT USING (${mine});
          CREATE POLICY writes ON tasks FOR UPDATE USING (true) WITH CHECK (true);
          ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON projects USING (${mine}); ALTER TABLE projects ENABLE ROW LEVEL SECURITY;`,
    finds: { kind: "leak by update", name: "tasks" },
  },
  {
    name: "WITH CHECK that lets a row be moved to another tenant",
    sql: `${secured} DROP POLICY own ON tasks; CREATE POLICY own ON tasks USING (${mine}) WITH CHECK (tenant_id IS NOT NULL);`,
    finds: { kind: "leak by move", name: "tasks" },
  },
  {
    name: "the application owns the table, and row security is not forced",
    sql: `${secured} ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY; ALTER TABLE tasks OWNER TO @app;`,
    finds: { kind: "leak by select", name: "tasks" },
  },
  {
    name: "a view that reads with its owner's rights",
    sql: `${secured} CREATE VIEW open_tasks AS SELECT id, tenant_id, title FROM tasks; GRANT SELECT ON open_tasks TO @app;`,
    finds: { kind: "leak by select", name: "open_tasks" },
  },
  {
    name: "a materialized view of every tenant's rows",
    sql: `${secured} CREATE MATERIALIZED VIEW task_titles AS SELECT id, title FROM tasks; GRANT SELECT ON task_titles TO @app;`,
    finds: { kind: "leak by select", name: "task_titles" },
  },
  {
    name: "a security definer function that returns every tenant's rows",
    sql: `${secured} CREATE FUNCTION search_tasks() RETURNS SETOF tasks LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT * FROM tasks';`,
    finds: { kind: "leak by call", name: "public.search_tasks()" },
  },
  {
    name: "a policy that admits everybody when no tenant is set",
    sql: `${secured} DROP POLICY own ON tasks;
          CREATE POLICY own ON tasks USING (coalesce(current_setting('app.tenant_id', true), '') = '' OR tenant_id::text = current_setting('app.tenant_id', true));`,
    finds: { kind: "leak by select", name: "tasks" },
  },
  {
    name: "TRUNCATE granted",
    sql: `${secured} GRANT TRUNCATE ON tasks TO @app;`,
    finds: { kind: "truncate granted", name: "tasks" },
  },
  {
    name: "a partition that may be named directly",
    sql: `${secured}
          CREATE TABLE events (tenant_id integer NOT NULL, at date NOT NULL, what text) PARTITION BY RANGE (at);
          CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
          INSERT INTO events SELECT 1 + n % 3, '2026-05-01', 'event' FROM generate_series(1, 9) AS n;
          CREATE POLICY own ON events USING (${mine}); ALTER TABLE events ENABLE ROW LEVEL SECURITY;
          GRANT SELECT ON events, events_2026 TO @app;`,
    finds: { kind: "leak by select", name: "events_2026" },
  },
  {
    name: "a role that bypasses row security",
    sql: `${secured} ALTER ROLE @app BYPASSRLS;`,
    finds: { kind: "the application bypasses row security", name: "" },
  },
  {
    name: "a role that can become one that bypasses",
    sql: `${secured} CREATE ROLE @app_support BYPASSRLS; GRANT @app_support TO @app;`,
    finds: { kind: "the application can become a role that bypasses", name: "" },
  },
  {
    name: "a role that can become the tables' owner",
    sql: `${secured} CREATE ROLE @app_owner; ALTER TABLE tasks OWNER TO @app_owner; ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
          ALTER ROLE @app NOINHERIT; GRANT @app_owner TO @app;`,
    finds: { kind: "the application can become the owner", name: "" },
  },
  {
    name: "a function marked leakproof",
    sql: `${secured} CREATE FUNCTION peek(text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF COST 0.0001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;`,
    finds: { kind: "function marked leakproof", name: "peek" },
  },
  {
    name: "a definer function that removes everybody's rows",
    sql: `${secured} CREATE FUNCTION tidy() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'DELETE FROM tasks';`,
    finds: { kind: "definer function that reads tenants' rows", name: "tidy" },
  },
  {
    name: "a child table without row security",
    sql: `${secured} CREATE TABLE comments (id integer PRIMARY KEY, task_id integer NOT NULL REFERENCES tasks, body text);
          INSERT INTO comments SELECT id, id, 'comment' FROM tasks; GRANT SELECT, INSERT ON comments TO @app;`,
    finds: { kind: "leak by select", name: "comments" },
  },
  {
    name: "a unique constraint over all tenants",
    sql: `${secured} ALTER TABLE projects ADD COLUMN code text; CREATE UNIQUE INDEX projects_code_key ON projects (code);`,
    finds: { kind: "unique constraint that reveals", name: "projects" },
    byHand: true,
  },
  {
    name: "a foreign key that crosses tenants",
    sql: `${secured} ALTER TABLE tasks ADD COLUMN blocked_by integer REFERENCES tasks;`,
    finds: { kind: "foreign key that crosses tenants", name: "tasks" },
    byHand: true,
  },
  {
    name: "a volatile function in a policy",
    sql: `${secured} CREATE FUNCTION tenant() RETURNS integer LANGUAGE sql AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::integer $$;
          DROP POLICY own ON tasks; CREATE POLICY own ON tasks USING (tenant_id = tenant()) WITH CHECK (tenant_id = tenant());`,
    finds: { kind: "volatile function in a policy", name: "tasks" },
  },
  {
    name: "rows of nobody that anybody may write",
    sql: `${secured} ALTER TABLE tasks ALTER COLUMN tenant_id DROP NOT NULL; DROP POLICY own ON tasks;
          CREATE POLICY own ON tasks USING (tenant_id IS NULL OR ${mine});`,
    finds: { kind: "leak by move", name: "tasks" },
  },
  {
    name: "a definer function that takes whose rows to give",
    sql: `${secured} CREATE FUNCTION titles_of(p_tenant_id integer) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public
            AS 'SELECT title FROM tasks WHERE tenant_id = p_tenant_id';`,
    finds: { kind: "leak by call", name: "public.titles_of(integer)" },
  },
  {
    name: "a delete policy that admits everything",
    sql: `${tables} CREATE POLICY own ON projects USING (${mine}); ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
          CREATE POLICY reads ON tasks FOR SELECT USING (${mine}); CREATE POLICY removes ON tasks FOR DELETE USING (true);
          CREATE POLICY adds ON tasks FOR INSERT WITH CHECK (${mine}); ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;`,
    finds: { kind: "leak by delete", name: "tasks" },
  },
  {
    name: "row security forgotten on a table that is still empty",
    sql: `${secured} CREATE TABLE invoices (id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants); GRANT SELECT ON invoices TO @app;`,
    finds: { kind: "no row security", name: "invoices" },
  },
  {
    name: "a tenant's role that may use another tenant's schema",
    sql: `CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL, slug text NOT NULL UNIQUE);
          CREATE TABLE projects (id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants, name text);
          INSERT INTO tenants VALUES (11, 'North', 'north'), (12, 'South', 'south');
          ${["north", "south"]
            .map(
              (
                slug,
              ) => `CREATE SCHEMA tenant_${slug}; CREATE TABLE tenant_${slug}.projects (id integer PRIMARY KEY, name text);
          INSERT INTO tenant_${slug}.projects VALUES (1, '${slug}'); CREATE ROLE @app_${slug}; GRANT @app_${slug} TO @app;
          GRANT USAGE ON SCHEMA tenant_${slug} TO @app_${slug}; GRANT SELECT ON tenant_${slug}.projects TO @app_${slug};`,
            )
            .join("\n")}
          GRANT USAGE ON SCHEMA tenant_south TO @app_north; GRANT SELECT ON tenant_south.projects TO @app_north;`,
    finds: { kind: "leak by select", name: "projects" },
  },
];
