import pg from "pg";
import { Refusal } from "../../errors.ts";
import type { RoleFacts } from "./survey.ts";

/** Who a session is: the role it acts as, and the settings that tell policies for whom. */
export interface Identity {
  /** As screens say it: "tenant 1", "no setting". */
  label: string;
  role: string;
  settings: readonly (readonly [string, string])[];
}

export interface Ran {
  rows: Record<string, unknown>[];
  count: number;
  refusal: { code: string; message: string } | null;
}

/** In milliseconds. A statement that waits longer for a lock gives up, so that nobody queues behind it. */
const patience = { statement: 2_000, lock: 200, idle: 10_000 } as const;

const insufficientPrivilege = "42501";

/** Each statement runs behind a savepoint that takes back its rows, its locks, its role and its settings. */
export class Session {
  readonly #client: pg.Client;
  readonly #facts: RoleFacts;

  constructor(client: pg.Client, facts: RoleFacts) {
    this.#client = client;
    this.#facts = facts;
  }

  get facts(): RoleFacts {
    return this.#facts;
  }

  /** One short transaction, always rolled back. */
  async inTransaction<T>(work: () => Promise<T>): Promise<T> {
    const replica = this.#facts.caretaker.mayReplica ? "SET LOCAL session_replication_role = 'replica';" : "";
    await this.#client.query(`BEGIN;
      SET LOCAL statement_timeout = ${patience.statement};
      SET LOCAL lock_timeout = ${patience.lock};
      SET LOCAL idle_in_transaction_session_timeout = ${patience.idle};
      SET LOCAL jit = off;
      ${replica}
      SET LOCAL search_path = pg_catalog`);
    try {
      return await work();
    } finally {
      await this.#client.query("ROLLBACK");
    }
  }

  /** With Caretaker's own rights, inside the transaction. A statement that is too slow answers null. */
  async look<Row extends object>(sql: string): Promise<Row[] | null> {
    await this.#client.query("SAVEPOINT look");
    try {
      const { rows } = await this.#client.query<Row>(sql);
      await this.#client.query("RELEASE SAVEPOINT look");
      return rows;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      await this.#client.query("ROLLBACK TO SAVEPOINT look");
      if (error.code === "57014" || error.code === "55P03" || error.code === insufficientPrivilege) return null;
      throw error;
    }
  }

  /** Runs the statements as this identity, and answers the last one's outcome. Afterwards nothing of it is left. */
  async as(who: Identity, ...statements: string[]): Promise<Ran> {
    return this.#behindSavepoint(async () => {
      await this.#become(who);
      let ran: pg.QueryResult = await this.#client.query(statements[0] ?? "SELECT");
      for (const sql of statements.slice(1)) ran = await this.#client.query(sql);
      return { rows: ran.rows as Record<string, unknown>[], count: ran.rowCount ?? 0, refusal: null };
    });
  }

  /** Writes as one identity and looks as another before it is taken back. */
  async writeThenRead(writer: Identity, write: string, reader: Identity, read: string): Promise<[Ran, Ran | null]> {
    const wrote: Ran[] = [];
    const looked = await this.#behindSavepoint(async () => {
      await this.#become(writer);
      const { rowCount } = await this.#client.query(write);
      wrote.push({ rows: [], count: rowCount ?? 0, refusal: null });
      await this.#client.query(
        this.#facts.caretaker.superuser ? "RESET ROLE; RESET SESSION AUTHORIZATION" : "RESET ROLE",
      );
      await this.#become(reader);
      const { rows } = await this.#client.query(read);
      return { rows, count: rows.length, refusal: null };
    });
    const [written] = wrote;
    return written ? [written, looked] : [looked, null];
  }

  /** What a COPY needs: the driver's own streams. */
  async stream(who: Identity, work: (client: pg.Client) => Promise<number>): Promise<Ran> {
    return this.#behindSavepoint(async () => {
      await this.#become(who);
      return { rows: [], count: await work(this.#client), refusal: null };
    });
  }

  async #behindSavepoint(work: () => Promise<Ran>): Promise<Ran> {
    await this.#client.query("SAVEPOINT attempt");
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      return { rows: [], count: 0, refusal: { code: error.code ?? "", message: error.message } };
    } finally {
      await this.#client.query("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt");
    }
  }

  /** A session that could not be opened has tried nothing: its refusal must not pass for one of a policy. */
  async #become(who: Identity): Promise<void> {
    try {
      await this.#client.query(becomeSql(who, this.#facts).join(";\n"));
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== "42501") throw error;
      const { name } = this.#facts.caretaker;
      throw new Refusal("unsupported", `${name} may not act as ${who.role}: ${error.message}.`, {
        fix: `GRANT ${pg.escapeIdentifier(who.role)} TO ${pg.escapeIdentifier(name)};`,
        cause: error,
      });
    }
  }
}

function becomeSql({ role, settings }: Identity, { name, settings: given, caretaker }: RoleFacts): string[] {
  // Functions that fix no path of their own meet the one that the application's sessions have.
  const all = [...Object.entries({ search_path: '"$user", public', ...given }), ...settings];
  return [
    ...all.map(
      ([setting, value]) => `SELECT set_config(${pg.escapeLiteral(setting)}, ${pg.escapeLiteral(value)}, true)`,
    ),
    ...(caretaker.superuser ? [`SET LOCAL SESSION AUTHORIZATION ${pg.escapeIdentifier(name)}`] : []),
    `SET LOCAL ROLE ${pg.escapeIdentifier(role)}`,
  ];
}

/** The same as a script for psql that leaves nothing behind. */
export function scriptOf(who: Identity, ...statements: string[]): string {
  const lines = [
    "BEGIN",
    ...who.settings.map(
      ([setting, value]) => `SELECT set_config(${pg.escapeLiteral(setting)}, ${pg.escapeLiteral(value)}, true)`,
    ),
    `SET LOCAL ROLE ${pg.escapeIdentifier(who.role)}`,
    ...statements,
    "ROLLBACK",
  ];
  return lines.map((line) => `${line};`).join("\n");
}
