import type { Choice, Choices, Offer } from "../choices.ts";
import type { ProblemKind, ProblemRow } from "../contract.ts";
import { type ProblemCode, problemCodes } from "../problem-codes.ts";
import { problems, rows } from "../scratch.ts";
import { kindWords, type ProblemDetail, problemWords } from "../words.ts";
import type { Work } from "../work.ts";
import { labelOf } from "./label.ts";

const examplesMax = 20;

const inOrder: readonly Offer[] = [
  "include",
  "point",
  "rename",
  "swap",
  "write",
  "null",
  "default",
  "leave",
  "anyway",
  "skip",
];

interface Found {
  kind: string;
  code: ProblemCode;
  tab: number;
  subject: string;
  columns: string[];
  rows: number;
  open: number;
  offers: Offer[];
}

interface Example {
  kind: string;
  row: string;
  record: string | null;
  label: string | null;
  detail: ProblemDetail;
  proposed: string | null;
  offers: Offer[];
  choice: Choice | null;
  settled: boolean;
}

/** The problems by kind, worst first, open ones before those that are settled. */
export async function readKinds(work: Work): Promise<ProblemKind[]> {
  const { rows: kinds } = await work.client.query<Found>(
    `SELECT p.kind, p.code, p.tab, p.subject, min(p.columns) AS columns, count(*)::int AS rows,
            (count(*) FILTER (WHERE NOT p.settled))::int AS open,
            ARRAY(SELECT offer FROM (SELECT unnest(q.offers) AS offer FROM ${problems} AS q WHERE q.kind = p.kind) AS o
                   GROUP BY offer HAVING count(*) = count(p.*)) AS offers
       FROM ${problems} AS p GROUP BY p.kind, p.code, p.tab, p.subject`,
  );
  const examples = await readExamples(work);
  const weight = ({ code, open }: Found) => (open > 0 ? 0 : 100) + problemCodes.indexOf(code);
  return kinds
    .toSorted((a, b) => weight(a) - weight(b) || (a.kind < b.kind ? -1 : 1))
    .map((found) => toKind(work, found, examples));
}

function toKind(work: Work, found: Found, examples: readonly Example[]): ProblemKind {
  const { kind, code, tab, subject, columns, rows, open, offers } = found;
  const { schema = "", name: table = "" } = work.tables[tab] ?? {};
  const own = examples.filter((example) => example.kind === kind);
  const toRow = ({ detail, kind: _kind, ...example }: Example): ProblemRow => ({
    ...example,
    message: problemWords({ code, table, subject, columns, detail }),
    about: aboutOf(work, schema, table, detail),
    mover: code === "lives_elsewhere" && detail.lives !== undefined ? (detail.tenant ?? null) : null,
  });
  return {
    key: kind,
    code,
    schema,
    table,
    subject,
    columns,
    message: kindWords({ code, table, subject, columns }),
    rows,
    open,
    offers: inOrder.filter((offer) => offers.includes(offer)),
    choice: choiceOf(work.choices, kind),
    examples: own.map(toRow),
  };
}

function choiceOf({ kinds }: Choices, kind: string): Choice | null {
  return kinds[kind] ?? null;
}

function aboutOf(work: Work, schema: string, table: string, detail: ProblemDetail): ProblemRow["about"] {
  if (detail.record === undefined) return null;
  return {
    database: detail.recordedIn ?? work.database.id,
    schema: detail.schema ?? schema,
    table: detail.table ?? table,
    record: detail.record,
    entry: detail.entry ?? null,
  };
}

async function readExamples(work: Work): Promise<Example[]> {
  const { rows: found } = await work.client.query<Example>(
    `SELECT e.kind, r.key AS row, r.record, ${labelOf(work, "r")} AS label, e.detail, e.proposed, e.offers, e.choice, e.settled
       FROM (SELECT p.*, row_number() OVER (PARTITION BY p.kind ORDER BY p.settled, p.n) AS place FROM ${problems} AS p) AS e
       JOIN ${rows} AS r ON r.n = e.n
      WHERE e.place <= $1 ORDER BY e.kind, e.place`,
    [examplesMax],
  );
  return found;
}
