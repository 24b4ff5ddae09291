import type pg from "pg";
import type { Scale } from "./scale.ts";
import { companyKinds, companyWords, firstNames, lastNames, sentences, subjects, userAgents } from "./words.ts";

/** A tenant of the demo, before its rows are made. */
export interface Member {
  n: number;
  id: string;
  name: string;
  slug: string;
  /** The schema that holds its rows. */
  place: string;
  /** Its share of everything that happens; all shares together are 1. */
  share: number;
}

/** The tenant that has outgrown the shared tier: about a seventh of everything is its own. */
const outgrown = 0;

/** The tenant with a database of its own; those after it have a schema of their own, as many as the scale says. */
export const ownIndex = 3;

/** The tenants, the same at every run: their sizes fall off as in real fleets, a few large and a long tail. */
export function castTenants(scale: Scale): Member[] {
  const weights = Array.from({ length: scale.tenants }, (_, n) =>
    n === outgrown ? scale.tenants / 55 + 1 : 6 / (n + 5),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, n) => {
    const name = `${companyWords[n % companyWords.length]} ${companyKinds[Math.floor(n / companyWords.length) % companyKinds.length]}`;
    const id = `7e4a0000-0000-4000-8000-${(n + 1).toString(16).padStart(12, "0")}`;
    const place = n > ownIndex && n <= ownIndex + scale.ownSchemas ? `t_${id.replaceAll("-", "")}` : "public";
    return { n, id, name, slug: name.toLowerCase().replaceAll(" ", "-"), place, share: weight / sum };
  });
}

/** Tables that the stories draw from; they are dropped when the year is told. */
export async function prepareStage(client: pg.Client, members: readonly Member[], scale: Scale): Promise<void> {
  await client.query(`
DROP SCHEMA IF EXISTS demo_seed CASCADE;
CREATE SCHEMA demo_seed;
CREATE TABLE demo_seed.words (kind text PRIMARY KEY, list text[]);
CREATE TABLE demo_seed.tenants (n integer PRIMARY KEY, id uuid, name text, slug text, place text, share float8, joined timestamptz, people integer);
CREATE TABLE demo_seed.people (tenant integer, n integer, id uuid, name text, email text, role text, ip text, agent text, PRIMARY KEY (tenant, n));
CREATE TABLE demo_seed.stories (at timestamptz, kind text, tenant integer, amount integer)`);
  const words = { first: firstNames, last: lastNames, subject: subjects, sentence: sentences, agent: userAgents };
  for (const [kind, list] of Object.entries(words)) {
    await client.query("INSERT INTO demo_seed.words VALUES ($1, $2)", [kind, list]);
  }
  await client.query(
    `INSERT INTO demo_seed.tenants (n, id, name, slug, place, share)
     SELECT n, id, name, slug, place, share FROM json_to_recordset($1) AS m (n integer, id uuid, name text, slug text, place text, share float8)`,
    [JSON.stringify(members)],
  );
  await client.query(castPeople);
  await client.query(planStories, [scale.stories, scale.batchedOrders, scale.importedPosts]);
}

// Sixty in a hundred tenants are older than the year; the others joined in the course of it.
const castPeople = `
SELECT setseed(0.42);
UPDATE demo_seed.tenants
   SET joined = now() - CASE WHEN n % 5 < 3 OR place <> 'public' THEN interval '365 days' - random() * interval '5 days'
                             ELSE interval '30 days' + random() * interval '320 days' END,
       people = 3 + least(60, (share * 500)::integer);
INSERT INTO demo_seed.people
SELECT t.n, p, md5(t.n || ' person ' || p)::uuid, first || ' ' || last,
       lower(first || '.' || last) || CASE WHEN p < 50 THEN '' ELSE p::text END || '@' || t.slug || '.example',
       CASE WHEN p = 0 THEN 'owner' WHEN p % 4 = 1 THEN 'editor' ELSE 'member' END,
       CASE WHEN p % 9 = 8 THEN format('2001:db8:%s::%s', to_hex(t.n), to_hex(p + 1))
            ELSE format('%s.%s', (ARRAY['198.51.100', '203.0.113', '192.0.2'])[1 + (t.n + p) % 3], 2 + (t.n * 7 + p * 13) % 240) END,
       a.list[1 + (t.n + p * 3) % 5]
  FROM demo_seed.tenants t
 CROSS JOIN LATERAL generate_series(0, t.people - 1) AS p
  JOIN demo_seed.words f ON f.kind = 'first'
  JOIN demo_seed.words l ON l.kind = 'last'
  JOIN demo_seed.words a ON a.kind = 'agent'
 CROSS JOIN LATERAL (SELECT f.list[1 + (t.n * 17 + p * 31) % cardinality(f.list)] AS first,
                            l.list[1 + (t.n * 29 + p * 11) % cardinality(l.list)] AS last) AS named`;

// What happens when: joining first, then single stories in working hours, and every other week a batch of orders, shipped later.
const planStories = `
WITH drawn AS (
  SELECT t.n, t.joined + random() * (now() - interval '1 hour' - t.joined) AS at, random() AS dice
    FROM demo_seed.tenants t CROSS JOIN LATERAL generate_series(1, greatest(4, ($1::integer * t.share)::integer))
), worked AS (
  SELECT n, dice, least(now() - interval '5 minutes', greatest(at, date_trunc('day', at) + interval '7 hours' + (at - date_trunc('day', at)) / 2.2)) AS at FROM drawn
), batches AS (
  SELECT t.n, t.share, t.joined + week * interval '14 days' + random() * interval '9 days' AS at
    FROM demo_seed.tenants t CROSS JOIN LATERAL generate_series(0, 25) AS week
)
INSERT INTO demo_seed.stories
SELECT joined, 'join', n, greatest(2, ($3::integer * share)::integer) FROM demo_seed.tenants
 UNION ALL
SELECT at, CASE WHEN dice < .17 THEN 'publish' WHEN dice < .40 THEN 'comment' WHEN dice < .58 THEN 'checkout' WHEN dice < .72 THEN 'fulfil'
                WHEN dice < .83 THEN 'edit' WHEN dice < .90 THEN 'login' WHEN dice < .93 THEN 'profile' WHEN dice < .95 THEN 'unpublish'
                WHEN dice < .965 THEN 'refund' WHEN dice < .985 THEN 'moderate' WHEN dice < .995 THEN 'password' ELSE 'export' END, n, 1
  FROM worked
 UNION ALL
SELECT at, 'batch', n, greatest(1, ($2::integer * share / 26)::integer) FROM batches WHERE at < now() - interval '1 day'
 UNION ALL
SELECT at + interval '6 hours' + random() * interval '3 days', 'ship', n, 1 FROM batches WHERE at < now() - interval '4 days'`;
