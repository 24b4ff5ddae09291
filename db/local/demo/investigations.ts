// Things that went wrong in the demo, for whoever learns the console: each is one transaction, except where it says otherwise.
// `demo_seed.begin(at, tenant, reason, person)` sets the clock and the actor.

/** Somebody removed a tenant's payments at night, from an address nobody knows. */
const paymentsGone = `
CREATE PROCEDURE demo_seed.payments_gone(tenant_n integer, wanted integer) LANGUAGE plpgsql
AS $$
DECLARE
  owner uuid := (SELECT id FROM demo_seed.tenants WHERE n = tenant_n);
BEGIN
  PERFORM demo_seed.begin(date_trunc('day', now()) - interval '9 days' + interval '2 hours 13 minutes', tenant_n, NULL, 2);
  PERFORM set_config('app.ip_address', '192.0.2.251', true);
  DELETE FROM payments WHERE id IN (SELECT id FROM payments WHERE tenant_id = owner ORDER BY created_at DESC LIMIT wanted);
  COMMIT;
END $$`;

/** An editor tidied up too eagerly: posts that are still in the table, marked as deleted. */
const postsArchived = `
CREATE PROCEDURE demo_seed.posts_archived(tenant_n integer, wanted integer) LANGUAGE plpgsql
AS $$
DECLARE
  owner uuid := (SELECT id FROM demo_seed.tenants WHERE n = tenant_n);
BEGIN
  PERFORM demo_seed.begin(now() - interval '3 days 4 hours', tenant_n, 'Cleaning up old posts', 1);
  UPDATE posts SET deleted_at = demo_seed.now(), updated_at = demo_seed.now()
   WHERE id IN (SELECT id FROM posts WHERE tenant_id = owner AND deleted_at IS NULL ORDER BY id DESC LIMIT wanted);
  COMMIT;
END $$`;

/** An owner removed a colleague for good: the posts and comments stay without an author. */
const userGone = `
CREATE PROCEDURE demo_seed.user_gone(tenant_n integer) LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM demo_seed.begin(now() - interval '12 days 2 hours', tenant_n, 'Left the company', 0);
  DELETE FROM users WHERE id = (SELECT id FROM demo_seed.people WHERE tenant = tenant_n AND n = 1);
  COMMIT;
END $$`;

/** A post went with all its comments, by the foreign key's cascade. */
const threadGone = `
CREATE PROCEDURE demo_seed.thread_gone(tenant_n integer) LANGUAGE plpgsql
AS $$
DECLARE
  owner uuid := (SELECT id FROM demo_seed.tenants WHERE n = tenant_n);
BEGIN
  PERFORM demo_seed.begin(now() - interval '30 hours', tenant_n, NULL, 0);
  DELETE FROM posts WHERE id = (SELECT p.id FROM posts p JOIN comments c ON c.post_id = p.id WHERE p.tenant_id = owner
                                 GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT 1);
  COMMIT;
END $$`;

/** Somebody changed totals by hand on the server: no actor, only the database role and the program are known. */
const byHand = `
CREATE PROCEDURE demo_seed.by_hand(tenant_n integer) LANGUAGE plpgsql
AS $$
DECLARE
  owner uuid := (SELECT id FROM demo_seed.tenants WHERE n = tenant_n);
BEGIN
  PERFORM set_config('demo.shift', (-interval '5 days 7 hours')::text, true);
  PERFORM set_config('application_name', 'psql', true);
  UPDATE orders SET total = total * 0.9, updated_at = demo_seed.now()
   WHERE id IN (SELECT id FROM orders WHERE tenant_id = owner ORDER BY id DESC LIMIT 15);
  COMMIT;
END $$`;

export const investigations = [paymentsGone, postsArchived, userGone, threadGone, byHand];

/** In order; the tenants are the largest ones, which have enough rows. */
export const incidents = [
  "CALL demo_seed.payments_gone(1, 40)",
  "CALL demo_seed.posts_archived(2, 25)",
  "CALL demo_seed.user_gone(1)",
  "CALL demo_seed.thread_gone(0)",
  "CALL demo_seed.thread_gone(2)",
  "CALL demo_seed.by_hand(0)",
];
