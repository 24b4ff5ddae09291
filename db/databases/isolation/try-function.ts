import type { Attempt, RelationResult } from "./contract.ts";
import { attempt } from "./judge.ts";
import type { Routine } from "./policies.ts";
import type { Identity, Session } from "./session.ts";
import { quoted, text } from "./subjects.ts";
import type { Known } from "./try-view.ts";
import { contentsAs } from "./try-view.ts";
import { literal } from "./witnesses.ts";

/** Words of a body whose effects a rollback does not take back, or that could run anything. */
const reaching =
  /\b(dblink\w*|http\w*|lo_\w+|pg_(terminate|cancel|reload|rotate|read|write|ls|file|log|switch|promote|create|drop|replication|logical|advisory|try_advisory|sleep|stat_reset)\w*|copy|execute|call|setval|notify)\b/i;

const readOnly = "SET LOCAL transaction_read_only = on";

/** A function with its owner's rights that reads tenants' rows: called in a read-only transaction, and only where that is safe. */
export async function tryFunction(
  session: Session,
  routine: Routine,
  bases: readonly Known[],
): Promise<RelationResult | null> {
  if (!routine.definer || !routine.executable || /^(trigger|event_trigger|void|boolean)$/.test(routine.result))
    return null;
  const read = bases.filter(({ subject }) => mentions(routine.body, subject.relation.name));
  const [base] = read;
  if (!base) return null;
  const attempts = [await call(session, routine, base)];
  const [worst] = attempts;
  const verdict = worst?.outcome === "leaked" ? "leaks" : worst?.outcome === "held" ? "proven" : "unproven";
  const detail = worst ? `As ${worst.session}: ${worst.detail}.` : "";
  return { schema: routine.schema, name: routine.signature, kind: "function", verdict, detail, attempts };
}

function mentions(body: string, name: string): boolean {
  return new RegExp(`(^|[^a-zA-Z0-9_])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}([^a-zA-Z0-9_]|$)`).test(body);
}

async function call(session: Session, routine: Routine, base: Known): Promise<Attempt> {
  const { mine, other, pair, subject, nobodies } = base;
  const skip = (detail: string): Attempt => ({
    verb: "call",
    session: mine.label,
    outcome: "skipped",
    detail,
    shows: "",
  });
  if (!["sql", "plpgsql"].includes(routine.language))
    return skip(`it is written in ${routine.language}, and is not called`);
  if (reaching.test(routine.body)) return skip("it could reach outside of the transaction, and is not called");
  const given = routine.arguments.map((argument) => valueFor(argument, base));
  if (given.some((value) => value === null)) return skip("its arguments are not known, and it is not called");
  const source = `${quoted(routine.schema)}.${quoted(routine.name)}(${given.join(", ")})`;
  const column = routine.columns.find(({ name, type }) => name === subject.tenantColumn && type === subject.tenantType);
  if (column && subject.path.length === 0) {
    const sql = `SELECT 1 FROM ${source} AS one WHERE one.${quoted(column.name)}::text <> ${text(pair.mine.key)} LIMIT 1`;
    const ran = await session.as(mine, readOnly, sql);
    if (ran.refusal) return shown(mine, sql, refusedAs(ran.refusal.message));
    return shown(
      mine,
      sql,
      ran.count > 0
        ? { outcome: "leaked", detail: "it gave a row of another tenant" }
        : { outcome: "held", detail: "it gave no row of others" },
    );
  }
  const sql = `SELECT md5(string_agg(one::text, ',' ORDER BY one::text)) AS content FROM (SELECT * FROM ${source} AS one LIMIT 500) AS one WHERE NOT (one IS NULL)`;
  const contents = await contentsAs(session, [mine, other, nobodies[1] ?? other], readOnly, sql);
  if (contents === null) return shown(mine, sql, { outcome: "unproven", detail: "it did not answer in time" });
  const [first, ...rest] = contents;
  const same = first !== null && rest.every((one) => one === first);
  return shown(
    mine,
    sql,
    same
      ? {
          outcome: "leaked",
          detail:
            given.length > 0
              ? `it gave rows of tenant ${pair.other.key}`
              : "it gives every tenant, and one that does not exist, the same rows",
        }
      : { outcome: "held", detail: "it gives each tenant something else" },
  );
}

function refusedAs(message: string): Pick<Attempt, "outcome" | "detail"> {
  return /read-only transaction/.test(message)
    ? { outcome: "skipped", detail: "it writes, and is not called" }
    : { outcome: "held", detail: `it refused: ${message}` };
}

function shown(who: Identity, sql: string, judged: Pick<Attempt, "outcome" | "detail">): Attempt {
  return attempt("call", who, sql, judged);
}

/** The other tenant's key, or one of its rows' keys, as a value for this argument; null when nothing fits. */
function valueFor({ name, type }: Routine["arguments"][number], { subject, pair }: Known): string | null {
  const plain = name.toLowerCase().replace(/^(p|in|arg|_)_+|^_+/, "");
  const tenant = subject.tenantColumn.toLowerCase();
  const named =
    plain === "" || plain.includes(tenant) || tenant.includes(plain) || /tenant|org|account|team/.test(plain);
  const [key, ...more] = subject.primaryKey;
  const keyType = subject.relation.columns.find((one) => one.name === key)?.type;
  const isKey =
    more.length === 0 &&
    key !== undefined &&
    keyType === type &&
    (plain === key || plain.endsWith(`_${key}`) || plain === "");
  if (isKey && plain !== tenant && !(named && plain !== "")) return `${literal(pair.otherRows[0]?.[key])}::${type}`;
  if (named && type === subject.tenantType) return `${text(pair.other.key)}::${type}`;
  return null;
}
