import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { Attempt } from "./contract.ts";
import { attempt, judgeRead, judgeWrite, onlyConstraint, read, skipped, write } from "./judge.ts";
import type { Identity, Session } from "./session.ts";
import { nameOf, quoted, type Subject, text } from "./subjects.ts";
import type { Relation } from "./survey.ts";
import { byKey, literal, type Pair } from "./witnesses.ts";

export interface Trial {
  session: Session;
  subject: Subject;
  pair: Pair;
  mine: Identity;
  other: Identity;
  nobodies: Identity[];
}

/** Counts rows in a setting, so that a statement without any condition on the table touches one row and no more. */
export const onlyOne = `set_config('caretaker.touched', (coalesce(nullif(current_setting('caretaker.touched', true), ''), '0')::int + 1)::text, true)::int <= 1`;

/** Reads of others' rows: by key, without any condition, and by COPY. */
export async function tryReading(trial: Trial, sessions: readonly Identity[]): Promise<Attempt[]> {
  const { session, subject, pair, mine } = trial;
  if (!subject.relation.may.select) return [noPrivilege("select", mine)];
  const found: Attempt[] = [];
  const key = byKey(subject, pair.otherRows);
  const name = nameOf(subject.relation);
  for (const who of sessions) {
    if (key) {
      const sql = `SELECT 1 FROM ${name} WHERE ${key}`;
      found.push(
        await read(
          session,
          who,
          sql,
          (count) => `saw ${count} of ${pair.otherRows.length} rows of tenant ${pair.other.key}`,
        ),
      );
    }
    const wide = wideSql(trial, who);
    if (wide) found.push(await read(session, who, wide, () => "saw a row of another tenant"));
  }
  return found;
}

/** Any row of others; null where the role can not read the column that says whose it is and some rows are everybody's. */
function wideSql({ subject, pair, mine }: Trial, who: Identity): string | null {
  const { relation, tenantColumn, path } = subject;
  const name = nameOf(relation);
  const readable = path.length === 0 && relation.columns.some((one) => one.name === tenantColumn && one.select);
  const column = `${quoted(tenantColumn)}::text`;
  if (readable && who === mine) return `SELECT 1 FROM ${name} WHERE ${column} <> ${text(pair.mine.key)} LIMIT 1`;
  if (readable) return `SELECT 1 FROM ${name} WHERE ${quoted(tenantColumn)} IS NOT NULL LIMIT 1`;
  return who === mine || pair.unowned ? null : `SELECT 1 FROM ${name} LIMIT 1`;
}

export async function tryCopyOut({ session, subject, pair, mine }: Trial): Promise<Attempt[]> {
  const key = byKey(subject, pair.otherRows);
  if (!subject.relation.may.select || !key) return [];
  const sql = `COPY (SELECT 1 FROM ${nameOf(subject.relation)} WHERE ${key}) TO STDOUT`;
  const ran = await session.stream(mine, async (client) => {
    let bytes = 0;
    for await (const chunk of client.query(copyTo(sql))) bytes += (chunk as Buffer).length;
    return bytes;
  });
  return [
    attempt(
      "copy out",
      mine,
      sql,
      judgeRead(ran, () => `took rows of tenant ${pair.other.key} out`),
    ),
  ];
}

/** Changes and removals of others' rows, by key with RETURNING, and blind: without reading any column. */
export async function tryChanging(trial: Trial, sessions: readonly Identity[], named = true): Promise<Attempt[]> {
  const { session, subject, pair, mine } = trial;
  const { relation } = subject;
  const name = nameOf(relation);
  const key = named ? byKey(subject, pair.otherRows.slice(0, 1)) : null;
  const column =
    relation.columns.find(
      (one) => one.update && !one.generated && !one.always && !subject.primaryKey.includes(one.name),
    ) ?? relation.columns.find((one) => one.update && !one.generated && !one.always);
  const harm = harmOf(relation, session);
  const found: Attempt[] = [];
  for (const verb of ["update", "delete"] as const) {
    if (!relation.may[verb] || (verb === "update" && !column)) {
      found.push(noPrivilege(verb, mine));
      continue;
    }
    if (harm) {
      found.push(skipped(verb, mine.label, harm));
      continue;
    }
    const value = literal(pair.otherRows[0]?.[column?.name ?? ""]);
    const act =
      verb === "update" ? `UPDATE ${name} SET ${quoted(column?.name ?? "")} = ${value}` : `DELETE FROM ${name}`;
    const did = (count: number) =>
      `${verb === "update" ? "changed" : "removed"} ${count} row of tenant ${pair.other.key}`;
    if (key) found.push(await write(session, verb, mine, `${act} WHERE ${key} RETURNING 1`, did));
    for (const who of pair.unowned ? [] : sessions) {
      found.push(
        await write(
          session,
          verb,
          who,
          `${act} WHERE ${onlyOne}`,
          () => `${verb === "update" ? "changed" : "removed"} a row without naming it`,
        ),
      );
    }
  }
  return found;
}

/** New rows for somebody else. */
export async function tryPlanting(trial: Trial): Promise<Attempt[]> {
  const { session, subject, pair, mine } = trial;
  const { relation } = subject;
  const harm = harmOf(relation, session);
  const found: Attempt[] = [];
  const insertable = relation.columns.filter((one) => one.insert && !one.generated);
  const [otherRow] = pair.otherRows;
  if (!relation.may.insert || !otherRow) found.push(noPrivilege("insert", mine));
  else {
    const left = relation.columns.filter((one) => !one.insert && one.draws);
    const draws =
      left.length > 0
        ? `a default would draw from a sequence, which no rollback takes back (${left.map(({ name }) => name).join(", ")})`
        : null;
    const why = harm ?? draws;
    if (why) found.push(skipped("insert", mine.label, why));
    else
      found.push(
        ...(await plant(
          trial,
          otherRow,
          insertable.map(({ name }) => name),
        )),
      );
  }
  return found;
}

async function plant(
  { session, subject, pair, mine, nobodies }: Trial,
  row: Record<string, string | null>,
  columns: string[],
): Promise<Attempt[]> {
  const name = nameOf(subject.relation);
  const list = columns.map(quoted).join(", ");
  const identity = "OVERRIDING SYSTEM VALUE ";
  const insert = `INSERT INTO ${name} (${list}) ${identity}VALUES (${columns.map((column) => literal(row[column])).join(", ")})`;
  const did = () => `planted a row with tenant ${pair.other.key}`;
  const found = [
    await write(session, "insert", mine, insert, did),
    await write(session, "insert returning", mine, `${insert} RETURNING 1`, did),
  ];
  for (const who of nobodies.slice(0, 2)) found.push(await write(session, "insert", who, insert, did));
  found.push(...(await upsert({ session, subject, pair, mine }, row, columns)));
  found.push(await copyIn({ session, subject, mine }, columns));
  return found;
}

/** A row of one's own under the key of another's: the conflict's action would change the other's. */
async function upsert(
  { session, subject, pair, mine }: Pick<Trial, "session" | "subject" | "pair" | "mine">,
  row: Record<string, string | null>,
  columns: string[],
): Promise<Attempt[]> {
  const { relation, primaryKey, path, tenantColumn } = subject;
  const target = relation.columns.find(
    (one) => one.update && !one.generated && !one.always && !primaryKey.includes(one.name),
  );
  const usable =
    primaryKey.length > 0 && primaryKey.every((name) => columns.includes(name)) && byKey(subject, [row]) !== null;
  if (!usable || !target || !relation.may.update || path.length > 0 || primaryKey.includes(tenantColumn)) return [];
  const values = columns.map((column) => (column === tenantColumn ? text(pair.mine.key) : literal(row[column])));
  const sql = `INSERT INTO ${nameOf(relation)} (${columns.map(quoted).join(", ")}) OVERRIDING SYSTEM VALUE VALUES (${values.join(", ")}) ON CONFLICT (${primaryKey.map(quoted).join(", ")}) DO UPDATE SET ${quoted(target.name)} = excluded.${quoted(target.name)}`;
  const tried = await write(
    session,
    "upsert",
    mine,
    sql,
    () => `changed a row of tenant ${pair.other.key} by ON CONFLICT`,
  );
  // The row itself is one's own, so that a policy was right to pass it: a constraint that stopped it then has kept the other's row.
  const stopped = tried.outcome === "leaked" && tried.detail.startsWith(onlyConstraint);
  return [stopped ? { ...tried, outcome: "held", detail: "a constraint stopped it before the other's row" } : tried];
}

/** No row is sent: PostgreSQL refuses COPY FROM outright wherever row security holds for the role. */
async function copyIn(
  { session, subject, mine }: Pick<Trial, "session" | "subject" | "mine">,
  columns: string[],
): Promise<Attempt> {
  const sql = `COPY ${nameOf(subject.relation)} (${columns.map(quoted).join(", ")}) FROM STDIN`;
  const ran = await session.stream(mine, async (client) => {
    const stream = client.query(copyFrom(sql));
    await new Promise<void>((done, fail) => {
      stream.on("error", fail);
      stream.on("finish", done);
      stream.end();
    });
    return 1;
  });
  if (ran.refusal?.code === "0A000")
    return attempt("copy in", mine, sql, { outcome: "held", detail: "refused: row security holds for the role" });
  return attempt(
    "copy in",
    mine,
    sql,
    judgeWrite(ran, () => "was admitted, so rows of any tenant can be loaded"),
  );
}

/** What else a write would set off that no rollback takes back; null when nothing would. */
export function harmOf({ rules, triggers }: Relation, session: Session): string | null {
  const replica = session.facts.caretaker.mayReplica;
  const live = triggers.filter(({ always, body }) => (always || !replica) && !isHarmless(body));
  if (rules && !replica) return "rewrite rules would run something else";
  if (live.length === 0) return null;
  return `the trigger ${live.map(({ name }) => name).join(", ")} would run, and what it does outside of the transaction could not be taken back`;
}

/** A body that only assigns: no statement, no call that could reach outside. */
function isHarmless(body: string | null): boolean {
  return (
    body !== null &&
    !/\b(insert|update|delete|perform|execute|call|copy|select|nextval|setval|dblink|notify|http)\b/i.test(
      body.replace(/--.*$/gm, ""),
    )
  );
}

export function noPrivilege(verb: Attempt["verb"], { label }: Identity): Attempt {
  return { verb, session: label, outcome: "held", detail: "the role has no such privilege", shows: "" };
}
