import type { Tenant } from "./identities.ts";
import type { Around } from "./look-around.ts";
import type { Session } from "./session.ts";
import { quoted, text } from "./subjects.ts";

/** What is known about tenants by their keys; asked once each, inside the transaction of whoever asks first. */
export class Tenants {
  readonly #session: Session;
  readonly #around: Around;
  readonly #known = new Map<string, Tenant>();
  #listed: string[] | null = null;

  constructor(session: Session, around: Around) {
    this.#session = session;
    this.#around = around;
  }

  /** Some tenants that the application lists. */
  async keys(): Promise<string[]> {
    const { tenantsTable: list } = this.#around.model;
    if (this.#listed === null && list) {
      const sql = `SELECT ${quoted(list.key)}::text AS key FROM ${quoted(list.schema)}.${quoted(list.table)} LIMIT 20`;
      this.#listed = (await this.#session.look<{ key: string }>(sql))?.map(({ key }) => key) ?? [];
    }
    return [...new Set([...(this.#listed ?? []), ...this.#known.keys()])];
  }

  async of(key: string): Promise<Tenant> {
    const known = this.#known.get(key);
    if (known) return known;
    const tenant = { key, slug: await this.#slug(key), user: await this.#user(key) };
    this.#known.set(key, tenant);
    return tenant;
  }

  async #slug(key: string): Promise<string | null> {
    const { tenantsTable: list } = this.#around.model;
    if (!list?.slug) return null;
    const sql = `SELECT ${quoted(list.slug)}::text AS slug FROM ${quoted(list.schema)}.${quoted(list.table)} WHERE ${quoted(list.key)}::text = ${text(key)} LIMIT 1`;
    return (await this.#session.look<{ slug: string | null }>(sql))?.[0]?.slug ?? null;
  }

  /** Of the users table's own tenant column, or of a table that joins users to tenants: somebody who is in this one alone. */
  async #user(key: string): Promise<string | null> {
    const { usersTable: users } = this.#around.model;
    if (!users) return null;
    for (const { relation, tenantColumn, path, catalog } of this.#around.subjects) {
      if (path.length > 0) continue;
      const name = `${quoted(relation.schema)}.${quoted(relation.name)}`;
      const isUsers = relation.schema === users.schema && relation.name === users.table;
      const link = catalog.foreignKeys.find(
        ({ parentSchema, parentTable, columns }) =>
          parentSchema === users.schema && parentTable === users.table && columns.length === 1,
      );
      const column = isUsers ? users.key : link?.columns[0];
      if (column === undefined) continue;
      const elsewhere = `SELECT FROM ${name} AS o WHERE o.${quoted(column)} = m.${quoted(column)} AND o.${quoted(tenantColumn)}::text <> ${text(key)}`;
      const sql = `SELECT m.${quoted(column)}::text AS id FROM ${name} AS m WHERE m.${quoted(tenantColumn)}::text = ${text(key)} AND m.${quoted(column)} IS NOT NULL AND NOT EXISTS (${elsewhere}) LIMIT 1`;
      const found = (await this.#session.look<{ id: string }>(sql))?.[0]?.id;
      if (found !== undefined) return found;
    }
    return null;
  }
}
