// What people of the demo do, as PL/pgSQL that runs in the server: one transaction a story, told by `demo_seed.tell_year`.
// Tables are named without their schema: the session's search_path says which tenant's.

/** Who acts and when: the shifted clock and the actor's context, as an application would set them. */
const begin = `
CREATE FUNCTION demo_seed.now() RETURNS timestamptz LANGUAGE sql VOLATILE
AS $$ SELECT clock_timestamp() + current_setting('demo.shift')::interval $$;

CREATE FUNCTION demo_seed.word(wanted text) RETURNS text LANGUAGE sql VOLATILE
AS $$ SELECT list[1 + floor(random() * cardinality(list))::integer] FROM demo_seed.words WHERE kind = wanted $$;

CREATE FUNCTION demo_seed.begin(at timestamptz, tenant_n integer, why text DEFAULT NULL, person integer DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql
AS $$
DECLARE
  actor demo_seed.people;
  tenant demo_seed.tenants;
  chosen integer;
BEGIN
  SELECT * INTO tenant FROM demo_seed.tenants t WHERE t.n = tenant_n;
  chosen := coalesce(person, floor(power(random(), 2) * tenant.people)::integer);
  SELECT * INTO actor FROM demo_seed.people p WHERE p.tenant = tenant_n AND p.n = chosen;
  PERFORM set_config('demo.shift', (at - clock_timestamp())::text, true);
  PERFORM caretaker.set_context(actor.id::text, tenant.id::text, actor.ip, actor.agent, md5(random()::text)::uuid::text, why);
  RETURN actor.id;
END $$`;

const join = `
CREATE FUNCTION demo_seed.join(tenant demo_seed.tenants, posts_wanted integer) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM set_config('demo.shift', (tenant.joined - clock_timestamp())::text, true);
  IF to_regclass('public.tenants') IS NOT NULL THEN
  INSERT INTO public.tenants (id, name, slug, plan, country, created_at, updated_at)
  SELECT tenant.id, tenant.name, tenant.slug, CASE WHEN tenant.share > .01 THEN 'business' WHEN tenant.n % 3 = 0 THEN 'team' ELSE 'free' END,
         (ARRAY['DE', 'FR', 'NL', 'SE', 'ES', 'GB', 'US', 'CA'])[1 + tenant.n % 8], demo_seed.now(), demo_seed.now();
  END IF;
  INSERT INTO users (id, tenant_id, email, name, role, password_hash, api_token, created_at, updated_at)
  SELECT p.id, tenant.id, p.email, p.name, p.role, '$argon2id$v=19$m=19456,t=2,p=1$' || md5(p.email),
         CASE WHEN p.role = 'owner' THEN 'live_' || md5(p.id::text) END, demo_seed.now(), demo_seed.now()
    FROM demo_seed.people p WHERE p.tenant = tenant.n ORDER BY p.n;
  INSERT INTO posts (tenant_id, author_id, title, body, status, tags, published_at, created_at, updated_at)
  SELECT tenant.id, p.id, demo_seed.word('subject'), concat_ws(' ', demo_seed.word('sentence'), demo_seed.word('sentence'), 'Part ' || i || '.'),
         'published', ARRAY['imported'], demo_seed.now(), demo_seed.now(), demo_seed.now()
    FROM generate_series(1, posts_wanted) AS i
    JOIN demo_seed.people p ON p.tenant = tenant.n AND p.n = i % tenant.people;
END $$`;

const content = `
CREATE FUNCTION demo_seed.recent_post(owner uuid) RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT id FROM (SELECT id, deleted_at FROM posts WHERE tenant_id = owner ORDER BY id DESC LIMIT 12 OFFSET floor(random() * 4)::integer) AS recent
       WHERE deleted_at IS NULL LIMIT 1 $$;

CREATE FUNCTION demo_seed.tell_content(kind text, owner uuid, actor uuid) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
  post bigint;
BEGIN
  IF kind = 'publish' THEN
    INSERT INTO posts (tenant_id, author_id, title, body, status, tags, created_at, updated_at)
    VALUES (owner, actor, demo_seed.word('subject'), concat_ws(' ', demo_seed.word('sentence'), demo_seed.word('sentence'), demo_seed.word('sentence')),
            'draft', '{news}', demo_seed.now(), demo_seed.now())
    RETURNING id INTO post;
    UPDATE posts SET status = 'published', published_at = demo_seed.now(), updated_at = demo_seed.now() WHERE id = post;
    RETURN;
  END IF;
  post := demo_seed.recent_post(owner);
  IF kind = 'comment' THEN
    INSERT INTO comments (post_id, author_id, body, created_at)
    SELECT post, actor, demo_seed.word('sentence'), demo_seed.now() FROM generate_series(1, 1 + floor(random() * 2)::integer) WHERE post IS NOT NULL;
  ELSIF kind = 'edit' THEN
    UPDATE posts SET title = demo_seed.word('subject'), body = body || ' ' || demo_seed.word('sentence'), updated_at = demo_seed.now() WHERE id = post;
  ELSIF kind = 'unpublish' THEN
    UPDATE posts SET deleted_at = demo_seed.now(), status = 'archived', updated_at = demo_seed.now() WHERE id = post;
  ELSIF kind = 'moderate' THEN
    DELETE FROM comments WHERE id IN (SELECT id FROM comments WHERE post_id = post ORDER BY id DESC LIMIT 1);
  END IF;
END $$`;

const commerce = `
CREATE SEQUENCE demo_seed.order_number;

CREATE FUNCTION demo_seed.take_orders(owner uuid, wanted integer, source text) RETURNS void LANGUAGE sql
AS $$
  WITH made AS (
    INSERT INTO orders (tenant_id, number, customer_email, status, currency, total, shipping, created_at, updated_at)
    SELECT owner, upper(source) || '-' || lpad(nextval('demo_seed.order_number')::text, 7, '0'),
           lower(demo_seed.word('first') || '.' || demo_seed.word('last')) || '@mail.example', 'paid', 'EUR', round((5 + random() * 240)::numeric, 2),
           jsonb_build_object('carrier', (ARRAY['DHL', 'UPS', 'Post'])[1 + floor(random() * 3)::integer], 'source', source), demo_seed.now(), demo_seed.now()
      FROM generate_series(1, wanted)
    RETURNING id, total, currency
  )
  INSERT INTO payments (id, tenant_id, order_id, amount, currency, method, status, card_last4, processor_token, created_at, updated_at)
  SELECT md5('payment ' || owner || id)::uuid, owner, id, total, currency, (ARRAY['card', 'card', 'wallet'])[1 + floor(random() * 3)::integer],
         'captured', lpad(floor(random() * 10000)::integer::text, 4, '0'), 'tok_' || md5(id::text), demo_seed.now(), demo_seed.now()
    FROM made
$$;

CREATE FUNCTION demo_seed.tell_commerce(kind text, owner uuid, wanted integer) RETURNS void LANGUAGE plpgsql
AS $$
DECLARE
  bought bigint;
BEGIN
  IF kind = 'checkout' THEN
    PERFORM demo_seed.take_orders(owner, 1, 'web');
  ELSIF kind = 'batch' THEN
    PERFORM demo_seed.take_orders(owner, wanted, 'sync');
  ELSIF kind = 'fulfil' THEN
    UPDATE orders SET status = 'shipped', shipping = shipping || jsonb_build_object('tracking', md5(id::text)), updated_at = demo_seed.now()
     WHERE id = (SELECT id FROM orders WHERE tenant_id = owner AND status = 'paid' ORDER BY id DESC LIMIT 1);
  ELSIF kind = 'ship' THEN
    UPDATE orders SET status = CASE status WHEN 'paid' THEN 'shipped' ELSE 'delivered' END, updated_at = demo_seed.now()
     WHERE tenant_id = owner AND status IN ('paid', 'shipped');
  ELSIF kind = 'refund' THEN
    SELECT id INTO bought FROM orders WHERE tenant_id = owner AND status IN ('paid', 'shipped') ORDER BY id DESC LIMIT 1;
    UPDATE payments SET status = 'refunded', updated_at = demo_seed.now() WHERE order_id = bought;
    UPDATE orders SET status = 'refunded', updated_at = demo_seed.now() WHERE id = bought;
  END IF;
END $$`;

const people = `
CREATE FUNCTION demo_seed.tell_people(kind text, owner uuid, actor uuid) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
  IF kind = 'login' THEN
    UPDATE users SET last_login_at = demo_seed.now() WHERE id = actor;
    PERFORM caretaker.log_event('login', 'users', actor::text, '{"method": "password"}');
  ELSIF kind = 'profile' THEN
    UPDATE users SET name = split_part(name, ' ', 1) || ' ' || demo_seed.word('last'), updated_at = demo_seed.now() WHERE id = actor;
  ELSIF kind = 'password' THEN
    UPDATE users SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$' || md5(random()::text), updated_at = demo_seed.now() WHERE id = actor;
  ELSIF kind = 'export' THEN
    PERFORM caretaker.log_event('export', 'orders', NULL, jsonb_build_object('format', 'csv', 'rows', 100 + floor(random() * 900)::integer));
  END IF;
END $$`;

const tellYear = `
CREATE PROCEDURE demo_seed.tell_year(wanted_place text, INOUT told integer) LANGUAGE plpgsql
AS $$
DECLARE
  story record;
  tenant demo_seed.tenants;
  actor uuid;
BEGIN
  told := 0;
  PERFORM setseed(0.7);
  FOR story IN
    SELECT s.* FROM demo_seed.stories s JOIN demo_seed.tenants t ON t.n = s.tenant WHERE t.place = wanted_place ORDER BY s.at, s.tenant, s.kind
  LOOP
    SELECT * INTO tenant FROM demo_seed.tenants t WHERE t.n = story.tenant;
    actor := demo_seed.begin(story.at, story.tenant, NULL, CASE WHEN story.kind = 'join' THEN 0 END);
    CASE
      WHEN story.kind = 'join' THEN PERFORM demo_seed.join(tenant, story.amount);
      WHEN story.kind IN ('publish', 'comment', 'edit', 'unpublish', 'moderate') THEN PERFORM demo_seed.tell_content(story.kind, tenant.id, actor);
      WHEN story.kind IN ('checkout', 'batch', 'fulfil', 'ship', 'refund') THEN PERFORM demo_seed.tell_commerce(story.kind, tenant.id, story.amount);
      ELSE PERFORM demo_seed.tell_people(story.kind, tenant.id, actor);
    END CASE;
    COMMIT;
    told := told + 1;
  END LOOP;
END $$`;

export const stories = [begin, join, content, commerce, people, tellYear];
