import fc from "fast-check";

export type OnDelete = "NO ACTION" | "RESTRICT" | "CASCADE" | "SET NULL" | "SET DEFAULT";

/** A foreign key to another table of the case, or to its own. */
export interface Parent {
  to: number;
  onDelete: OnDelete;
  required: boolean;
}

export interface Table {
  key: "integer" | "bigint" | "text" | "pair";
  mark: "timestamp" | "boolean" | null;
  /** Which rows' codes must differ. */
  unique: "all" | "live" | null;
  parents: Parent[];
}

/** What an application does to one row; rows are numbered, and whatever number is given means one of them. */
export type Statement =
  | { do: "insert"; table: number; row: number; parents: (number | null)[]; code: string | null; note: string }
  | { do: "remove" | "mark" | "unmark"; table: number; row: number }
  | { do: "note"; table: number; row: number; note: string }
  | { do: "code"; table: number; row: number; code: string | null }
  | { do: "point"; table: number; row: number; parent: number; to: number | null }
  | { do: "clear"; table: number; parent: number; to: number };

export type Step =
  | { do: "write"; statements: Statement[] }
  /** The application stands in the way of a deleted row: with its value, with its key, or by deleting its parent. */
  | { do: "spoil"; deletion: number; row: number; how: "code" | "key" | "parent" }
  | {
      do: "restore";
      /** Which of the deletions that were made until then, and from which of its rows. */
      deletion: number;
      from: "transaction" | "row" | "rows";
      rows: number[];
      children: boolean;
      links: boolean;
      /** What is chosen for problems, by chance. */
      choices: number[];
      /** What the application does between the plan and its run. */
      between: Statement[];
      undo: boolean;
    }
  | { do: "undo"; restore: number; anyway: boolean };

export interface Case {
  tables: Table[];
  steps: Step[];
}

/** Rows of each table are numbered from 1. */
export const rowsEach = 3;

const any = fc.nat({ max: 11 });
const row = fc.integer({ min: 1, max: rowsEach });
const to = fc.option(row, { freq: 3 });
const code = fc.constantFrom("a", "a", "b", null);
const note = fc.constantFrom("", "x", "it's", 'a "quote"', "line\nbreak", "Ünï ☃", "null", "{}", "0.10");

const table: fc.Arbitrary<Table> = fc.record({
  key: fc.constantFrom("integer", "bigint", "text", "pair"),
  mark: fc.constantFrom("timestamp", "boolean", null),
  unique: fc.constantFrom("all", "live", null),
  parents: fc.array(
    fc.record<Parent>({
      to: any,
      onDelete: fc.constantFrom("NO ACTION", "RESTRICT", "CASCADE", "CASCADE", "SET NULL", "SET DEFAULT"),
      required: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});

const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("remove" as const), table: any, row }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("mark" as const), table: any, row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unmark" as const), table: any, row }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("insert" as const),
      table: any,
      row,
      parents: fc.tuple(to, to).map((all): (number | null)[] => all),
      code,
      note,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("note" as const), table: any, row, note }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("code" as const), table: any, row, code }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("point" as const), table: any, row, parent: any, to }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const), table: any, parent: any, to: row }) },
);

/** What chance alone seldom does within one transaction. */
const habit: fc.Arbitrary<Statement[]> = fc
  .record({ table: any, row, code, how: fc.constantFrom("remove twice", "reuse a code", "mark and remove") })
  .map(({ table, row: one, code: given, how }): Statement[] => {
    const other = (one % rowsEach) + 1;
    if (how === "mark and remove")
      return [
        { do: "mark", table, row: one },
        { do: "remove", table, row: one },
      ];
    if (how === "remove twice") {
      const anew: Statement = { do: "insert", table, row: one, parents: [], code: given, note: "anew" };
      return [{ do: "remove", table, row: one }, anew, { do: "remove", table, row: one }];
    }
    return [one, other].flatMap((row): Statement[] => [
      { do: "code", table, row, code: "a" },
      { do: "remove", table, row },
    ]);
  });

const statements = fc.oneof(
  { weight: 3, arbitrary: fc.array(statement, { minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: fc.tuple(habit, fc.array(statement, { maxLength: 1 })).map((all) => all.flat()) },
);

const mostly = fc.integer({ min: 0, max: 3 }).map((chance) => chance > 0);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("write" as const), statements }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("restore" as const),
      deletion: any,
      from: fc.constantFrom("transaction", "row", "rows"),
      rows: fc.array(any, { minLength: 2, maxLength: 2 }),
      children: mostly,
      links: mostly,
      choices: fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 3 }),
      between: fc.oneof(
        { weight: 3, arbitrary: fc.constant<Statement[]>([]) },
        { weight: 1, arbitrary: fc.array(statement, { minLength: 1, maxLength: 2 }) },
      ),
      undo: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("spoil" as const),
      deletion: any,
      row: any,
      how: fc.constantFrom("code", "code", "parent", "parent", "key"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("undo" as const), restore: any, anyway: fc.boolean() }),
  },
);

const byChance: fc.Arbitrary<Case> = fc.record({
  tables: fc.array(table, { minLength: 1, maxLength: 3 }).map((all) =>
    all.map((one, at) => ({
      ...one,
      unique: one.mark === null && one.unique === "live" ? ("all" as const) : one.unique,
      parents: one.parents.map((parent): Parent => {
        const towards = parent.to % all.length;
        // A row that must have a parent needs it to be there first.
        const required = parent.required && towards < at && !parent.onDelete.startsWith("SET");
        return { ...parent, to: towards, required };
      }),
    })),
  ),
  steps: fc
    .tuple(
      fc.record({
        do: fc.constant("write" as const),
        statements: fc.array(statement, { minLength: 2, maxLength: 4 }),
      }),
      fc.array(step, { minLength: 4, maxLength: 10 }),
    )
    .map(([first, rest]): Step[] => [first, ...rest]),
});

/** Rows that hang from one another over three tables: the first goes with all below it, and is asked for by itself. */
const lineage: fc.Arbitrary<Case> = fc
  .record({
    tables: fc.tuple(table, table, table),
    row,
    links: mostly,
    choices: fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 3 }),
    rest: fc.array(step, { maxLength: 4 }),
  })
  .map(({ tables, row: one, links, choices, rest }): Case => {
    const point = (child: number): Statement => ({ do: "point", table: child, row: one, parent: 0, to: one });
    const asked = { deletion: 0, from: "row" as const, rows: [0, 0], children: true, links, choices };
    return {
      tables: tables.map((own, at) => ({
        ...own,
        unique: own.unique === null ? null : "all",
        parents: at === 0 ? [] : [{ to: at - 1, onDelete: "CASCADE", required: false }],
      })),
      steps: [
        { do: "write", statements: [point(1), point(2)] },
        { do: "write", statements: [{ do: "remove", table: 0, row: one }] },
        { do: "restore", ...asked, between: [], undo: true },
        ...rest,
      ],
    };
  });

/** Two rows that held one value, one after the other, go in one transaction: the plan of it must not want both to have it. */
const twins: fc.Arbitrary<Case> = fc
  .record({ own: table, choices: fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 3 }), undo: fc.boolean() })
  .map(
    ({ own, choices, undo }): Case => ({
      tables: [{ ...own, unique: "all", parents: [] }],
      steps: [
        {
          do: "write",
          statements: [1, 2].flatMap((row): Statement[] => [
            { do: "code", table: 0, row, code: "twin" },
            { do: "remove", table: 0, row },
          ]),
        },
        {
          do: "restore",
          deletion: 0,
          from: "transaction",
          rows: [0, 1],
          children: true,
          links: true,
          choices,
          between: [],
          undo,
        },
      ],
    }),
  );

export const cases: fc.Arbitrary<Case> = fc.oneof(
  { weight: 18, arbitrary: byChance },
  { weight: 2, arbitrary: lineage },
  { weight: 1, arbitrary: twins },
);
