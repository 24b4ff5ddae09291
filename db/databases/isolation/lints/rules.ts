import type { Catalog } from "../../catalog.ts";
import type { Finding, Severity } from "../contract.ts";
import type { Vocabulary } from "../identities.ts";
import type { Policy, Routine } from "../policies.ts";
import type { Subject } from "../subjects.ts";
import type { Relation, RoleFacts } from "../survey.ts";

/** What every lint may look at. */
export interface Surveyed {
  facts: RoleFacts;
  catalog: Catalog;
  relations: Relation[];
  subjects: Subject[];
  policies: Policy[];
  routines: Routine[];
  vocabulary: Vocabulary;
  /** The relations each view reads, by oid. */
  viewSources: Map<string, string[]>;
  /** The oids of views and functions whose attempts leaked or held, so that a lint does not say it twice. */
  tried: ReadonlySet<string>;
}

export interface Lint {
  kind: string;
  severity: Severity;
  at: { schema: string; name: string };
  /** Tells apart two of one kind at one place. */
  part?: string;
  what: string;
  why: string;
  mends: string | null;
  shows?: string;
  source: string;
}

export function toFinding({ kind, severity, at, part = "", what, why, mends, shows, source }: Lint): Finding {
  return {
    key: [kind, at.schema, at.name, part].join("|"),
    kind,
    severity,
    schema: at.schema,
    name: at.name,
    what,
    why,
    shows: shows ?? null,
    mends,
    source,
    evidence: [severity, what, why].join("\n"),
  };
}
