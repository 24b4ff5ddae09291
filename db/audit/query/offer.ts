import { z } from "zod";
import { type Actor, authorise } from "../../actor.ts";
import { askAll } from "../../fleet.ts";
import { recordReading } from "../reading.ts";
import { askedNow } from "./asked.ts";
import { fieldNamed, fields, type Named } from "./fields.ts";
import { namesBegun } from "./offer-names.ts";
import { columnsBegun, recentValues } from "./offer-values.ts";

export const offerQuery = z.object({
  field: z.string().max(40),
  key: z.string().max(63).optional(),
  begin: z.string().max(200).default(""),
  database: z.string().max(63).optional(),
  tenant: z.string().max(400).optional(),
});

export interface Offered {
  value: string;
  note?: string;
  /** A word that stands for something, and not a value. */
  word?: boolean;
}

const offeredMax = 10;
const waitMs = 1_500;

const spans: Offered[] = [
  { value: "-1h", note: "the last hour" },
  { value: "-1d", note: "the last 24 hours" },
  { value: "-7d", note: "the last 7 days" },
  { value: "-30d", note: "the last 30 days" },
  { value: "-90d", note: "the last 90 days" },
  { value: "-365d", note: "the last year" },
];

const wordNotes = { none: "where there is none", null: "a JSON null", system: "the console itself" } as const;

export interface Offer {
  values: Offered[];
  /** Databases that did not answer in time: what they have is missing. */
  silent: string[];
}

/** Values of a field that begin so, as they really are: names from the lists of people, tenants and tables, the rest from the newest entries; recorded once for a field, not for each letter. */
export async function offerValues(
  actor: Actor,
  input: z.output<typeof offerQuery>,
  signal?: AbortSignal,
): Promise<Offer> {
  authorise(actor, "audit.read");
  const field = fieldNamed(input.field);
  if (field === null) return { values: [], silent: [] };
  const begin = input.begin.toLowerCase();
  const { key, database, tenant } = input;
  if (field === "at") return { values: momentsBegun(begin), silent: [] };
  const asked = { values: field, of: key ?? null, database: database ?? null, tenant: tenant ?? null };
  await recordReading(actor, "search_audit", asked, "further");
  const words = (fields[field].words ?? [])
    .filter((word) => word.startsWith(begin))
    .map((word): Offered => ({ value: word, note: wordNotes[word], word: true }));
  const [names, { values, silent }] = [await namesBegun(field, begin), await valuesIn(input, field, begin, signal)];
  const found = [...names, ...values];
  const once = found.filter(({ value }, at) => found.findIndex((one) => one.value === value) === at);
  return { values: [...once.slice(0, offeredMax), ...words], silent };
}

function momentsBegun(begin: string): Offered[] {
  const today = new Date().toISOString();
  const whole = [
    { value: today.slice(0, 10), note: "today, in UTC" },
    { value: today.slice(0, 7), note: "this month" },
    { value: today.slice(0, 4), note: "this year" },
  ];
  return [...spans, ...whole].filter(({ value }) => value.startsWith(begin));
}

/** A database that is silent or slow offers nothing, and is named: completion keeps nobody waiting. */
async function valuesIn(
  input: z.output<typeof offerQuery>,
  field: Named,
  begin: string,
  signal: AbortSignal | undefined,
): Promise<Offer> {
  const { database, tenant } = input;
  const asked = await askedNow({ ...(database ? { database } : {}), ...(tenant ? { tenant } : {}) });
  const { answers, silent } = await askAll(
    asked.map(({ id }) => id),
    async (client, id) => {
      const one = asked.find((database) => database.id === id);
      if (one === undefined) return [];
      return field === "changed" ? columnsBegun(client, begin) : recentValues(client, one, field, input.key, begin);
    },
    waitMs,
    signal,
  );
  const counts = new Map<string, number>();
  for (const { value, count } of answers.flatMap((answer) => answer.value)) {
    counts.set(value, (counts.get(value) ?? 0) + count);
  }
  const values = [...counts].toSorted(([, a], [, b]) => b - a).map(([value]) => ({ value }));
  return { values, silent: silent.map(({ name }) => name) };
}
