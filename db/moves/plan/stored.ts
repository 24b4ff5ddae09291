import type { Statement } from "../../managed/statement.ts";
import type { MoveProblem } from "../contract.ts";
import type { ModelledTable } from "./place.ts";
import type { ReferenceTable } from "./references.ts";
import type { PlannedTable } from "./tables.ts";

/** What a move works from; it is kept with the move as it was shown. */
export interface MovePlan {
  tables: PlannedTable[];
  /** What the model says about them. */
  modelled: ModelledTable[];
  /** DDL at the new place before the rows, with the rows' keys, and when the rows fit together: foreign keys, their proofs, the rest. */
  before: Statement[];
  keys: Statement[];
  foreignKeys: Statement[];
  proofs: Statement[];
  after: Statement[];
  /** Shared tables that go along to another database. */
  references: ReferenceTable[];
  /** Whether the database must be made. */
  createDatabase: boolean;
  problems: MoveProblem[];
}
