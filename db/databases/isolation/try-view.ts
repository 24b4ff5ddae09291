import type { Attempt, RelationResult } from "./contract.ts";
import { attempt, judgeRead, read, worstOf, write } from "./judge.ts";
import type { Identity, Session } from "./session.ts";
import { nameOf, quoted, text } from "./subjects.ts";
import type { Relation } from "./survey.ts";
import { onlyOne, type Trial } from "./try-table.ts";
import { literal } from "./witnesses.ts";

/** What one base table of a view was tried with. */
export type Known = Pick<Trial, "subject" | "pair" | "mine" | "other" | "nobodies">;

const contentRows = 500;

/** A view over tenants' rows: by the tenant's column, by a base table's key, or else by whether everybody sees the same. */
export async function tryView(
  session: Session,
  view: Relation,
  bases: readonly Known[],
): Promise<RelationResult | null> {
  const [base] = bases;
  if (!base || !(view.may.select || view.may.update || view.may.delete)) return null;
  const attempts: Attempt[] = [];
  const byTenant = bases.find(({ subject }) => tenantColumnOf(view, subject) !== null);
  if (view.may.select) {
    if (byTenant) attempts.push(...(await readByTenant(session, view, byTenant)));
    const byPrimary = bases.find((one) => keyCondition(view, one) !== null);
    if (byPrimary) attempts.push(await readByKey(session, view, byPrimary));
    if (!byTenant && !byPrimary && !(view.securityInvoker && view.kind === "v"))
      attempts.push(await compare(session, view, base));
  }
  if (byTenant && view.kind === "v") attempts.push(...(await change(session, view, byTenant)));
  const worst = worstOf(attempts);
  const verdict = worst?.outcome === "leaked" ? "leaks" : worst?.outcome === "unproven" ? "unproven" : "proven";
  return {
    schema: view.schema,
    name: view.name,
    kind: view.kind === "m" ? "materialized view" : "view",
    verdict,
    detail:
      worst && worst.outcome !== "held"
        ? `As ${worst.session}, ${worst.verb}: ${worst.detail}.`
        : `Tried as tenant ${base.pair.mine.key}.`,
    attempts,
  };
}

function tenantColumnOf(view: Relation, subject: Known["subject"]): string | null {
  if (subject.lists) return null;
  const column = view.columns.find(({ name, type }) => name === subject.tenantColumn && type === subject.tenantType);
  return column?.select ? column.name : null;
}

async function readByTenant(
  session: Session,
  view: Relation,
  { subject, pair, mine, nobodies }: Known,
): Promise<Attempt[]> {
  const column = quoted(tenantColumnOf(view, subject) ?? "");
  const name = nameOf(view);
  const seen = () => "saw a row of another tenant";
  const found = [
    await read(session, mine, `SELECT 1 FROM ${name} WHERE ${column}::text <> ${text(pair.mine.key)} LIMIT 1`, seen),
  ];
  for (const who of nobodies.slice(0, 2)) {
    found.push(await read(session, who, `SELECT 1 FROM ${name} WHERE ${column} IS NOT NULL LIMIT 1`, seen));
  }
  return found;
}

/** The base table's key of one column, where the view shows a column of that name and type. */
function keyCondition(view: Relation, { subject, pair }: Known): string | null {
  const [key, ...more] = subject.primaryKey;
  const type = subject.relation.columns.find(({ name }) => name === key)?.type;
  const shown = view.columns.find((one) => one.name === key && one.type === type && one.select);
  if (key === undefined || more.length > 0 || !shown) return null;
  return `${quoted(key)} IN (${pair.otherRows.map((row) => literal(row[key])).join(", ")})`;
}

async function readByKey(session: Session, view: Relation, known: Known): Promise<Attempt> {
  const sql = `SELECT 1 FROM ${nameOf(view)} WHERE ${keyCondition(view, known)}`;
  // A view of other tables may hold the same ids: only what disappears for nobody at all is not a base table's row.
  const own =
    known.pair.mineRow && keyCondition(view, { ...known, pair: { ...known.pair, otherRows: [known.pair.mineRow] } });
  const seesOwn = own ? (await session.as(known.mine, `SELECT 1 FROM ${nameOf(view)} WHERE ${own}`)).count > 0 : true;
  const ran = await session.as(known.mine, sql);
  if (!seesOwn)
    return attempt("select", known.mine, sql, { outcome: "unproven", detail: "the view's ids are not the table's" });
  return attempt(
    "select",
    known.mine,
    sql,
    judgeRead(ran, (count) => `saw ${count} rows of tenant ${known.pair.other.key}`),
  );
}

/** What two tenants and one that does not exist see alike, and is not empty, no policy has filtered. */
async function compare(session: Session, view: Relation, { mine, other, nobodies }: Known): Promise<Attempt> {
  const sql = `SELECT md5(string_agg(one::text, ',' ORDER BY one::text)) AS content FROM (SELECT * FROM ${nameOf(view)} LIMIT ${contentRows}) AS one WHERE NOT (one IS NULL)`;
  const ghost = nobodies[1] ?? other;
  const contents = await contentsAs(session, [mine, other, ghost], sql);
  if (contents === null)
    return attempt("select", mine, sql, { outcome: "unproven", detail: "it could not be read in time" });
  const [first, ...rest] = contents;
  const same = first !== null && rest.every((one) => one === first);
  return attempt(
    "select",
    mine,
    sql,
    same
      ? { outcome: "leaked", detail: "every tenant, and one that does not exist, sees the same rows" }
      : { outcome: "held", detail: "each tenant sees something else" },
  );
}

/** The only column of one row, as each of these; null where an error or nothing came. Null as a whole: not in time. */
export async function contentsAs(
  session: Session,
  who: readonly Identity[],
  ...statements: string[]
): Promise<(string | null)[] | null> {
  const contents: (string | null)[] = [];
  for (const one of who) {
    const { rows, refusal } = await session.as(one, ...statements);
    if (refusal && /^(57|55)/.test(refusal.code)) return null;
    const content = rows[0]?.content;
    contents.push(typeof content === "string" ? content : null);
  }
  return contents;
}

async function change(session: Session, view: Relation, { subject, pair, mine }: Known): Promise<Attempt[]> {
  if (view.triggers.length > 0 || view.rules) return [];
  const column = quoted(tenantColumnOf(view, subject) ?? "");
  const where = `${column}::text <> ${text(pair.mine.key)} AND ${onlyOne}`;
  const found: Attempt[] = [];
  const updatable = view.columns.some((one) => one.name === subject.tenantColumn && one.update);
  const did = () => "touched a row of another tenant through the view";
  if (view.may.update && updatable)
    found.push(
      await write(session, "update", mine, `UPDATE ${nameOf(view)} SET ${column} = ${column} WHERE ${where}`, did),
    );
  if (view.may.delete)
    found.push(await write(session, "delete", mine, `DELETE FROM ${nameOf(view)} WHERE ${where}`, did));
  // A view that cannot be written to says so with an error that concerns nobody's rows.
  return found.filter(({ detail }) => !/cannot (update|delete from|insert into) (view|column)/.test(detail));
}
