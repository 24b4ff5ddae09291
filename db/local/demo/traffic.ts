import { randomBytes, randomInt, randomUUID } from "node:crypto";
import pg from "pg";
import { identifier, literal } from "../../managed/statement.ts";
import { createPool } from "../../pool.ts";
import { inTransaction } from "../../transaction.ts";
import { applicationRole } from "./application.ts";
import { sentences, subjects } from "./words.ts";

export interface TrafficOptions {
  /** A superuser's URL of the server that holds the demo. */
  serverUrl: string;
  /** Transactions a minute. */
  rate: number;
  signal: AbortSignal;
  onStory: (line: string) => void;
}

interface Person {
  id: string;
  name: string;
  tenant: string;
  tenantName: string;
}

/** One thing that a person of the demo does, in one transaction as the application's role. Answers what it was. */
type Story = (client: pg.PoolClient, person: Person) => Promise<string>;

const stories: Story[] = [order, order, publish, edit, edit, ship, remove];

/** Keeps the demo alive until told to stop. A story that is refused, such as of a suspended tenant, is told as such. */
export async function demoTraffic({ serverUrl, rate, signal, onStory }: TrafficOptions): Promise<void> {
  const url = new URL(serverUrl);
  url.pathname = "/demo";
  const people = await findPeople(url);
  const password = await takeApplicationRole(url);
  url.username = applicationRole;
  url.password = password;
  const pool = createPool({ connectionString: url.href, application_name: "demo shop", max: 2 });
  while (!signal.aborted) {
    onStory(await tell(pool, pick(people), pick(stories)));
    await pause(60_000 / rate, signal);
  }
  await pool.end();
}

async function findPeople(url: URL): Promise<Person[]> {
  const { rows } = await asOwner(url, (client) =>
    client.query<Person>(
      `SELECT u.id, u.name, t.id AS tenant, t.name AS "tenantName"
         FROM public.users AS u JOIN public.tenants AS t ON t.id = u.tenant_id
        WHERE u.deleted_at IS NULL AND t.deleted_at IS NULL ORDER BY u.id`,
    ),
  );
  if (rows.length === 0) throw new Error("The demo has no people. Make it again with npm run demo:reset.");
  return rows;
}

/** The role's password is new for each run: nobody else needs it. */
async function takeApplicationRole(url: URL): Promise<string> {
  const password = randomBytes(24).toString("base64url");
  await asOwner(url, (client) =>
    client.query(`ALTER ROLE ${identifier(applicationRole)} LOGIN PASSWORD ${literal(password)}`),
  );
  return password;
}

async function asOwner<T>(url: URL, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function tell(pool: pg.Pool, person: Person, story: Story): Promise<string> {
  const who = `${person.name} of ${person.tenantName}`;
  try {
    return await inTransaction(pool, async (client) => {
      await client.query("SELECT caretaker.set_context($1, $2, $3, $4, $5, NULL)", [
        person.id,
        person.tenant,
        `198.51.100.${randomInt(1, 255)}`,
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        randomUUID(),
      ]);
      return `${who} ${await story(client, person)}`;
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.severity === "ERROR") return `${who} was refused: ${error.message}`;
    throw error;
  }
}

async function order(client: pg.PoolClient, { tenant }: Person): Promise<string> {
  const total = (randomInt(500, 40_000) / 100).toFixed(2);
  const { rows } = await client.query<{ id: string; number: string }>(
    `INSERT INTO public.orders (tenant_id, number, customer_email, status, currency, total)
     VALUES ($1, 'L-' || $2, 'customer' || $3::int || '@example.com', 'paid', 'EUR', $4) RETURNING id, number`,
    [tenant, randomBytes(5).toString("hex"), randomInt(1, 900), total],
  );
  await client.query(
    `INSERT INTO public.payments (tenant_id, order_id, amount, currency, method, status, card_last4, processor_token)
     VALUES ($1, $2, $3, 'EUR', 'card', 'captured', $4, $5)`,
    [tenant, rows[0]?.id, total, String(randomInt(1_000, 10_000)), `tok_${randomBytes(12).toString("hex")}`],
  );
  return `took order ${rows[0]?.number} over ${total} EUR`;
}

async function publish(client: pg.PoolClient, { id, tenant }: Person): Promise<string> {
  const title = pick(subjects);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO public.posts (tenant_id, author_id, title, body, status, published_at)
     VALUES ($1, $2, $3, $4, 'published', now()) RETURNING id`,
    [tenant, id, title, pick(sentences)],
  );
  await client.query("INSERT INTO public.comments (post_id, author_id, body) VALUES ($1, $2, $3)", [
    rows[0]?.id,
    id,
    pick(sentences),
  ]);
  return `published "${title}"`;
}

async function edit(client: pg.PoolClient, { tenant }: Person): Promise<string> {
  const { rowCount } = await client.query(
    `UPDATE public.posts SET title = $2, updated_at = now()
      WHERE id = (SELECT id FROM public.posts WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY random() LIMIT 1)`,
    [tenant, pick(subjects)],
  );
  return `edited ${rowCount} post`;
}

async function ship(client: pg.PoolClient, { tenant }: Person): Promise<string> {
  const { rowCount } = await client.query(
    `UPDATE public.orders SET status = 'shipped', updated_at = now()
      WHERE id IN (SELECT id FROM public.orders WHERE tenant_id = $1 AND status = 'paid' ORDER BY id LIMIT 3)`,
    [tenant],
  );
  return `shipped ${rowCount} orders`;
}

/** Soft for a post, hard for a comment: both are found under Deleted. */
async function remove(client: pg.PoolClient, { tenant }: Person): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE public.posts SET deleted_at = now(), updated_at = now()
      WHERE id = (SELECT id FROM public.posts WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY random() LIMIT 1)
  RETURNING id`,
    [tenant],
  );
  const { rowCount } = await client.query("DELETE FROM public.comments WHERE post_id = $1", [rows[0]?.id ?? null]);
  return rowCount ? `deleted ${rows.length} post and ${rowCount} comments` : `deleted ${rows.length} post`;
}

function pick<T>(list: readonly T[]): T {
  const item = list[randomInt(list.length)];
  if (item === undefined) throw new TypeError("The list is empty.");
  return item;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
