import type { Design } from "./design.ts";
import { mine, secured, tables } from "./tables.ts";

// Ways to keep tenants apart that hold. Each has its own idiom, and none may raise an alarm.

const both = (policy: string): string => `
${["projects", "tasks"].map((table) => policy.replaceAll("@table", table)).join("\n")}
ALTER TABLE projects ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`;

export const tight: Design[] = [
  { name: "nullif and missing_ok", sql: secured },
  {
    name: "a stable function that reads the setting",
    sql: `${tables}
      CREATE FUNCTION current_tenant() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('shop.tenant', true), '')::integer $$;
      ${both("CREATE POLICY own ON @table USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()));")}`,
  },
  {
    name: "a role for each tenant, shared tables",
    sql: `${tables}
      CREATE ROLE @app_north; CREATE ROLE @app_south; CREATE ROLE @app_east;
      ALTER ROLE @app NOINHERIT;
      GRANT @app_north, @app_south, @app_east TO @app;
      REVOKE ALL ON projects, tasks FROM @app;
      GRANT SELECT, INSERT, UPDATE, DELETE ON projects, tasks TO @app_north, @app_south, @app_east;
      GRANT SELECT ON tenants TO @app_north, @app_south, @app_east;
      ${both("CREATE POLICY own ON @table USING (tenant_id = (SELECT t.id FROM tenants t WHERE current_user LIKE '%\\_' || t.slug));")}`,
  },
  {
    name: "a schema and a role for each tenant",
    sql: `CREATE TABLE tenants (id integer PRIMARY KEY, name text NOT NULL, slug text NOT NULL UNIQUE);
      CREATE TABLE projects (id integer PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants, name text);
      INSERT INTO tenants VALUES (11, 'North', 'north'), (12, 'South', 'south');
      ${["north", "south"]
        .map(
          (
            slug,
          ) => `CREATE SCHEMA tenant_${slug}; CREATE TABLE tenant_${slug}.projects (id integer PRIMARY KEY, name text);
      INSERT INTO tenant_${slug}.projects VALUES (1, '${slug}');
      CREATE ROLE @app_${slug}; GRANT USAGE ON SCHEMA tenant_${slug} TO @app_${slug}; GRANT ALL ON tenant_${slug}.projects TO @app_${slug}; GRANT @app_${slug} TO @app;`,
        )
        .join("\n")}
      ALTER ROLE @app NOINHERIT;`,
  },
  {
    name: "composite keys throughout",
    sql: `CREATE TABLE tenants (id uuid PRIMARY KEY, name text NOT NULL);
      CREATE TABLE documents (tenant_id uuid NOT NULL REFERENCES tenants, id integer NOT NULL, title text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, title));
      CREATE TABLE pages (tenant_id uuid NOT NULL, document_id integer NOT NULL, number integer NOT NULL, body text,
        PRIMARY KEY (tenant_id, document_id, number), FOREIGN KEY (tenant_id, document_id) REFERENCES documents);
      INSERT INTO tenants SELECT gen_random_uuid(), 'tenant ' || n FROM generate_series(1, 3) AS n;
      INSERT INTO documents SELECT id, n, 'document ' || n FROM tenants, generate_series(1, 4) AS n;
      INSERT INTO pages SELECT tenant_id, id, 1, 'page' FROM documents;
      GRANT SELECT, INSERT, UPDATE, DELETE ON documents, pages TO @app;
      CREATE POLICY own ON documents USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
      CREATE POLICY own ON pages USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
      ALTER TABLE documents ENABLE ROW LEVEL SECURITY; ALTER TABLE pages ENABLE ROW LEVEL SECURITY;`,
  },
  {
    name: "partitioned tables whose partitions nobody may name",
    sql: `${secured}
      CREATE TABLE events (id integer NOT NULL, tenant_id integer NOT NULL REFERENCES tenants, at date NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
      CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      INSERT INTO events SELECT n, 1 + n % 3, '2025-12-25'::date + n, 'event' FROM generate_series(1, 12) AS n;
      CREATE POLICY own ON events USING (${mine}); ALTER TABLE events ENABLE ROW LEVEL SECURITY;
      GRANT SELECT, INSERT, UPDATE, DELETE ON events TO @app;`,
  },
  {
    name: "a restrictive policy under a permissive one",
    sql: `${tables}${both(`CREATE POLICY everybody ON @table USING (true) WITH CHECK (true);
      CREATE POLICY tenant_only ON @table AS RESTRICTIVE USING (${mine}) WITH CHECK (${mine});`)}`,
  },
  {
    name: "column grants",
    sql: `${secured} REVOKE ALL ON projects, tasks FROM @app;
      GRANT SELECT (id, tenant_id, name), INSERT (tenant_id, name), UPDATE (name) ON projects TO @app;
      GRANT SELECT (id, title), INSERT (tenant_id, project_id, title), UPDATE (title), DELETE ON tasks TO @app;`,
  },
  {
    name: "children that reach their tenant through their parent's policy",
    sql: `${secured}
      CREATE TABLE comments (id integer PRIMARY KEY, task_id integer NOT NULL REFERENCES tasks, body text);
      INSERT INTO comments SELECT id, id, 'comment' FROM tasks;
      GRANT SELECT, INSERT, UPDATE, DELETE ON comments TO @app;
      CREATE POLICY own ON comments USING (EXISTS (SELECT FROM tasks t WHERE t.id = task_id));
      ALTER TABLE comments ENABLE ROW LEVEL SECURITY;`,
  },
  {
    name: "membership of the signed-in user",
    sql: `${tables}
      CREATE TABLE users (id uuid PRIMARY KEY, email text NOT NULL UNIQUE);
      CREATE TABLE memberships (user_id uuid NOT NULL REFERENCES users, tenant_id integer NOT NULL REFERENCES tenants, PRIMARY KEY (user_id, tenant_id));
      INSERT INTO users SELECT gen_random_uuid(), 'user' || n || '@example.com' FROM generate_series(1, 3) AS n;
      INSERT INTO memberships SELECT u.id, row_number() OVER (ORDER BY u.email) FROM users u;
      GRANT SELECT ON memberships TO @app;
      CREATE FUNCTION my_tenants() RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$ SELECT tenant_id FROM public.memberships WHERE user_id::text = nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub' $$;
      CREATE POLICY own ON memberships FOR SELECT USING (user_id::text = nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub');
      ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
      ${both("CREATE POLICY own ON @table USING (tenant_id IN (SELECT my_tenants())) WITH CHECK (tenant_id IN (SELECT my_tenants()));")}`,
  },
  {
    name: "views and functions that keep to the tenant",
    sql: `${secured}
      CREATE VIEW open_tasks WITH (security_invoker = true) AS SELECT id, tenant_id, title FROM tasks;
      CREATE VIEW my_projects WITH (security_barrier = true) AS SELECT name FROM projects WHERE ${mine};
      CREATE FUNCTION my_task_count() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$ SELECT count(*) FROM tasks WHERE ${mine} $$;
      CREATE FUNCTION has_tasks() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS 'SELECT EXISTS (SELECT FROM tasks)';
      GRANT SELECT, UPDATE ON open_tasks TO @app; GRANT SELECT ON my_projects TO @app;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title := trim(NEW.title); RETURN NEW; END $$;
      CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch();`,
  },
  {
    name: "a tenant's own schema that keeps the tenant's column",
    sql: `${secured}
      CREATE SCHEMA tenant_north;
      CREATE TABLE tenant_north.projects (id integer PRIMARY KEY, tenant_id integer NOT NULL DEFAULT 1 CHECK (tenant_id = 1) REFERENCES tenants, name text UNIQUE);
      CREATE TABLE tenant_north.tasks (id integer PRIMARY KEY, project_id integer REFERENCES tenant_north.projects);
      INSERT INTO tenant_north.projects VALUES (1, 1, 'one'), (2, 1, 'two');
      GRANT USAGE ON SCHEMA tenant_north TO @app;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tenant_north TO @app;
      CREATE POLICY own ON tenant_north.projects USING (${mine}) WITH CHECK (${mine});
      ALTER TABLE tenant_north.projects ENABLE ROW LEVEL SECURITY;`,
  },
];
