import { type HoldStanding, placeHoldSchema, type StandingHold } from "#db/records/holds/contract.ts";
import { placeHold } from "#db/records/holds/place.ts";
import { listStandingHolds } from "#db/records/holds/standing.ts";
import { type Command, only, pairs, parse, required, text } from "../command.ts";
import { findDatabaseId } from "../find.ts";
import { table } from "../table.ts";

const list: Command = {
  name: "holds list",
  usage: "",
  summary: "List legal holds, those that stand first, with how each stands in its databases",
  async run(actor) {
    const holds = await listStandingHolds(actor);
    const shown = table(
      [
        { title: "hold", value: (hold: StandingHold) => hold.name },
        {
          title: "keeps",
          value: ({ kind, table: of, tenant, record, person }) =>
            [kind, of, tenant, record, person].filter(Boolean).join(" "),
        },
        { title: "stands", value: (hold) => (hold.releasedAt === null ? stands(hold.standing) : "released") },
        { title: "placed", value: ({ placedAt }) => placedAt },
        { title: "by", value: ({ placedBy }) => placedBy },
      ],
      holds,
    );
    return { json: holds, text: shown };
  },
};

const place: Command = {
  name: "holds place",
  usage:
    "NAME --kind tenant|record|person|filter|table|everything --reason TEXT [--database NAME] [--table SCHEMA.TABLE] [--tenant KEY] [--record KEY] [--person KEY] [--where COLUMN=VALUE ...]",
  summary: "Keep rows and their entries from being removed; exits with 0 once it is in force, else with 9",
  options: {
    kind: { type: "string" },
    reason: { type: "string" },
    database: { type: "string" },
    table: { type: "string" },
    tenant: { type: "string" },
    record: { type: "string" },
    person: { type: "string" },
    where: { type: "string", multiple: true },
  },
  async run(actor, input) {
    const database = text(input, "database");
    const where = Object.entries(pairs(input, "where"));
    const hold = parse(placeHoldSchema, {
      ...input.options,
      name: only(input, "the hold"),
      reason: required(input, "reason"),
      databaseId: database && (await findDatabaseId(actor, database)),
      where: where.map(([column, value]) => `${column} = ${value}`).join("\n"),
    });
    const placed = await placeHold(actor, hold);
    const whole = placed.standing.every(({ state }) => state === "in_force");
    return { json: placed, text: `${hold.name}: ${stands(placed.standing)}`, exitCode: whole ? 0 : 9 };
  },
};

function stands(standing: readonly HoldStanding[]): string {
  if (standing.length === 0) return "keeps entries";
  return standing
    .map(({ databaseName, state, why, gaps }) => {
      const said = [why, ...gaps].filter(Boolean).join(" ");
      return `${state.replace("_", " ")} in ${databaseName}${said ? ` (${said})` : ""}`;
    })
    .join(", ");
}

export const holdCommands: Command[] = [list, place];
