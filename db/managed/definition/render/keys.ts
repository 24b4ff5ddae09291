import { identifier, type Statement } from "../../statement.ts";
import type { ForeignKey, Index, Table } from "../definition.ts";
import { list, type Naming } from "../naming.ts";
import { made } from "./made.ts";
import { isUnproven, storageOption } from "./tables.ts";

/** Primary, unique and exclusion constraints, and checks that were never proven for old rows. */
export function keyStatements(table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const unproven = table.checks.filter((check) => isUnproven(check.definition));
  const statements = [...table.keys, ...unproven].flatMap((key) => [
    made(
      `constraint ${identifier(key.name)} on ${name}`,
      "Built once over all rows, which is quicker than row by row.",
      `ALTER TABLE ${name} ADD CONSTRAINT ${identifier(key.name)} ${naming.text(key.definition)}`,
    ),
    ...(key.options === null
      ? []
      : [
          made(
            `index ${naming.own(key.name)}`,
            "As the original's.",
            `ALTER INDEX ${naming.own(key.name)} SET (${key.options.map(storageOption).join(", ")})`,
          ),
        ]),
  ]);
  return statements.map((statement) => ({ ...statement, over: name }));
}

export function indexStatements(relation: { name: string; indexes: Index[] }, naming: Naming): Statement[] {
  return relation.indexes.map((index) => ({
    ...made(
      `index ${naming.own(index.name)}`,
      "Built once over all rows.",
      `${index.head} ${naming.own(relation.name)}${naming.text(index.tail)}`,
    ),
    over: naming.own(relation.name),
  }));
}

/** Extended statistics, the row's identity in replication, and the index that orders the table. */
export function physicalStatements(table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  const why = "As the original's.";
  const statistics = table.statistics.flatMap((one) => [
    made(
      `statistics ${naming.own(one.name)}`,
      why,
      `CREATE STATISTICS ${naming.own(one.name)}${naming.text(one.definition)} FROM ${name}`,
    ),
    ...(one.target === null
      ? []
      : [
          made(
            `statistics ${naming.own(one.name)}`,
            why,
            `ALTER STATISTICS ${naming.own(one.name)} SET STATISTICS ${one.target}`,
          ),
        ]),
  ]);
  const identity = identityWords(table);
  const statements = [
    ...statistics,
    ...(identity === null ? [] : [made(`table ${name}`, why, `ALTER TABLE ${name} REPLICA IDENTITY ${identity}`)]),
    ...(table.clusteredOn === null
      ? []
      : [made(`table ${name}`, why, `ALTER TABLE ${name} CLUSTER ON ${identifier(table.clusteredOn)}`)]),
  ];
  return statements.map((statement) => ({ ...statement, over: name }));
}

function identityWords({ replicaIdentity, replicaIndex }: Table): string | null {
  if (replicaIdentity === "f") return "FULL";
  if (replicaIdentity === "n") return "NOTHING";
  return replicaIdentity === "i" && replicaIndex !== null ? `USING INDEX ${identifier(replicaIndex)}` : null;
}

export function foreignKeyStatement(table: Table, key: ForeignKey, naming: Naming): Statement {
  const name = naming.own(table.name);
  const parent = naming.relation(key.parent);
  return {
    sql: `ALTER TABLE ${name} ADD CONSTRAINT ${identifier(key.name)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${parent} (${list(key.parentColumns)})${key.tail}`,
    object: `foreign key ${identifier(key.name)} of ${name}`,
    lock: naming.carries(key.parent)
      ? "none"
      : `SHARE ROW EXCLUSIVE on ${parent}, while the rows are checked: waits for open writes, readers go on`,
    why: naming.carries(key.parent) ? "Within the tenant's own tables." : "To a table that every tenant shares.",
    transactional: true,
    ...(naming.carries(key.parent) ? {} : { locks: parent }),
  };
}

/** The same foreign key for new rows alone. One that was never proven for the old rows is like that from the start. */
export function unprovenStatement(table: Table, key: ForeignKey, naming: Naming): Statement {
  const statement = foreignKeyStatement(table, key, naming);
  if (isNeverProven(key)) return statement;
  const lock = statement.lock === "none" ? "none" : `SHARE ROW EXCLUSIVE on ${naming.relation(key.parent)}, briefly`;
  return { ...statement, sql: `${statement.sql} NOT VALID`, lock };
}

export function proofStatements(table: Table, naming: Naming): Statement[] {
  const name = naming.own(table.name);
  return table.foreignKeys
    .filter((key) => !isNeverProven(key))
    .map((key) => ({
      ...made(
        `proof of foreign key ${identifier(key.name)} of ${name}`,
        "Looks at the rows without holding up writers of the table that it leads to.",
        `ALTER TABLE ${name} VALIDATE CONSTRAINT ${identifier(key.name)}`,
      ),
      over: name,
    }));
}

function isNeverProven({ tail }: ForeignKey): boolean {
  return tail.endsWith(" NOT VALID");
}
