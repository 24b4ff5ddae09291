import pg from "pg";
import { tenantResolver } from "../../../docs/examples/tenants-node-postgres.ts";
import type { Maker, Row } from "./maker.ts";

type InTenant = ReturnType<typeof tenantResolver>;

/** What an acknowledged document must look like, wherever its organisation lives. */
interface Document {
  title: string;
  deleted: boolean;
  recipients: number;
}

const pools = new Map<string, pg.Pool>();

/** The application's own resolver, over one pool a database. */
export function resolverOf(applicationUrl: string): InTenant {
  const home = new URL(applicationUrl);
  const shared = { host: home.hostname, port: Number(home.port), database: home.pathname.slice(1), schema: "public" };
  const poolOf = ({ host, port, database }: typeof shared): pg.Pool => {
    const url = new URL(applicationUrl);
    url.host = `${host}:${port}`;
    url.pathname = `/${database}`;
    const known = pools.get(url.href);
    if (known) return known;
    const pool = new pg.Pool({ connectionString: url.href, max: 6 });
    pools.set(url.href, pool);
    return pool;
  };
  return tenantResolver(poolOf(shared), shared, poolOf);
}

export async function closePools(): Promise<void> {
  await Promise.all([...pools.values()].map((pool) => pool.end()));
  pools.clear();
}

/** Where a document has parts, a field stands on one of them. */
export async function itemOf(maker: Maker, client: pg.ClientBase, envelopeId: unknown): Promise<Row> {
  if (!maker.has("EnvelopeItem")) return {};
  return { envelopeItemId: (await maker.insert(client, "EnvelopeItem", { envelopeId })).id };
}

/** Users of one organisation who go on writing, and what was acknowledged to them. */
export class Traffic {
  readonly documents = new Map<string, Document>();
  acknowledged = 0;
  /** Refused also after the resolver had followed the hint. */
  refused = 0;
  readonly unexpected: string[] = [];
  private readonly inTenant: InTenant;
  private readonly maker: Maker;
  private readonly tenant: string;
  private running: { stop: boolean; done: Promise<unknown> } | null = null;
  private serial = 0;

  constructor(inTenant: InTenant, maker: Maker, tenant: string) {
    this.inTenant = inTenant;
    this.maker = maker;
    this.tenant = tenant;
  }

  start(writers: number): void {
    const running = { stop: false, done: Promise.resolve() as Promise<unknown> };
    running.done = Promise.all(Array.from({ length: writers }, () => this.write(running)));
    this.running = running;
  }

  async rest(): Promise<void> {
    if (this.running) this.running.stop = true;
    await this.running?.done;
    this.running = null;
  }

  private async write(running: { stop: boolean }): Promise<void> {
    const own: string[] = [];
    while (!running.stop) {
      const apply: (() => void)[] = [];
      try {
        await this.inTenant(this.tenant, async (client) => {
          apply.length = 0;
          await this.one(client, own, apply);
        });
        for (const done of apply) done();
        this.acknowledged += 1;
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === "55P04") this.refused += 1;
        else this.unexpected.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  private async one(client: pg.PoolClient, own: string[], apply: (() => void)[]): Promise<void> {
    const turn = this.serial++;
    const id = own[turn % Math.max(1, own.length)];
    const known = id === undefined ? undefined : this.documents.get(id);
    if (id === undefined || !known || turn % 4 === 0) return this.draw(client, own, apply, turn);
    if (turn % 4 === 1) {
      const title = `renamed ${turn}`;
      await client.query(
        `UPDATE "Envelope" SET "title" = $2, "status" = 'PENDING', "tags" = "tags" || $2::text, "history" = "history" || 'PENDING'::"DocumentStatus",
                "formValues" = jsonb_build_object('turn', $3::int) WHERE "id" = $1`,
        [id, title, turn],
      );
      apply.push(() => this.documents.set(id, { ...known, title }));
    } else if (turn % 4 === 2) {
      await client.query('UPDATE "Envelope" SET "deletedAt" = now() WHERE "id" = $1', [id]);
      await this.sign(client, id);
      apply.push(() => this.documents.set(id, { ...known, deleted: true, recipients: known.recipients + 1 }));
    } else {
      await client.query('DELETE FROM "Envelope" WHERE "id" = $1', [id]);
      own.splice(own.indexOf(id), 1);
      apply.push(() => this.documents.delete(id));
    }
  }

  /** A new document in a folder of its own, with whoever is to sign it. */
  private async draw(client: pg.PoolClient, own: string[], apply: (() => void)[], turn: number): Promise<void> {
    const { rows } = await client.query<Row>('SELECT "id" FROM "Team" WHERE "organisationId" = $1 LIMIT 1', [
      this.tenant,
    ]);
    const { rows: users } = await client.query<Row>('SELECT "id" FROM "User" WHERE "email" = $1', [
      `${this.tenant}@example.com`,
    ]);
    // Somebody new now and then, who signs up where the organisation is.
    const somebody =
      turn % 3 === 0 ? await this.maker.insert(client, "User", { email: `${this.tenant} ${turn}` }) : users[0];
    const by = { teamId: rows[0]?.id, userId: somebody?.id };
    const folder = await this.maker.insert(client, "Folder", { ...by, name: `folder ${turn}` });
    const envelope = await this.maker.insert(client, "Envelope", {
      ...by,
      title: `drawn ${turn}`,
      folderId: folder.id,
    });
    const id = String(envelope.id);
    await this.sign(client, id);
    apply.push(() => {
      own.push(id);
      this.documents.set(id, { title: `drawn ${turn}`, deleted: false, recipients: 1 });
    });
  }

  private async sign(client: pg.PoolClient, envelopeId: string): Promise<void> {
    const recipient = await this.maker.insert(client, "Recipient", { envelopeId, email: "r@example.com" });
    const field = await this.maker.insert(client, "Field", {
      envelopeId,
      recipientId: recipient.id,
      ...(await itemOf(this.maker, client, envelopeId)),
    });
    await this.maker.insert(client, "Signature", { fieldId: field.id, recipientId: recipient.id });
    await this.maker.insert(client, "DocumentAuditLog", { envelopeId, type: "SIGNED", data: { envelopeId } });
  }

  /** What an acknowledged document is instead, where the organisation lives now. */
  async missing(): Promise<string[]> {
    const found = await this.inTenant(this.tenant, async (client) => {
      const { rows } = await client.query<Document & { id: string }>(
        `SELECT e."id", e."title", e."deletedAt" IS NOT NULL AS deleted,
                (SELECT count(*)::int FROM "Recipient" r WHERE r."envelopeId" = e."id") AS recipients
           FROM "Envelope" e JOIN "Team" t ON t."id" = e."teamId" WHERE t."organisationId" = $1`,
        [this.tenant],
      );
      return new Map(rows.map(({ id, ...document }) => [id, document]));
    });
    return [...this.documents].flatMap(([id, right]) => {
      const now = found.get(id);
      return JSON.stringify(now) === JSON.stringify(right)
        ? []
        : [`${id}: ${JSON.stringify(now)} for ${JSON.stringify(right)}`];
    });
  }
}
