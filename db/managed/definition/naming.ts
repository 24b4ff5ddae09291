import { identifier, literal, relation } from "../statement.ts";
import type { Definition } from "./definition.ts";
import type { Reference, Text } from "./text.ts";

/** Where a definition is to be made. */
export interface Target {
  schema: string;
  /** In another database: types and functions go along. In the same one they stay where they are, for all to share. */
  elsewhere: boolean;
  /** Whether serial columns get sequences of their own, or go on drawing from the source's. Identity columns always get one. */
  sequences: "own" | "shared";
}

/** What things are called in the target. */
export interface Naming {
  target: Target;
  /** SQL with its references pointed to the target, where what they name goes along. */
  text(text: Text): string;
  /** A table, view or sequence of the set in the target. */
  own(name: string): string;
  /** A relation by where it was: in the target when it goes along, else where it was. */
  relation(place: { schema: string; name: string }): string;
  carries(place: { schema: string; name: string }): boolean;
  /** A type or function: its schema in the target. */
  schemaOf(schema: string): string;
}

export function namingOf(definition: Definition, target: Target): Naming {
  const relations = new Set([
    ...definition.tables.map((table) => table.name),
    ...definition.views.map((view) => view.name),
    ...definition.sequences.filter((one) => ownSequence(one, definition, target)).map((one) => one.name),
  ]);
  const types = namesOf(definition.types, definition.schema);
  const functions = namesOf(definition.functions, definition.schema);
  const carriesReference = ({ kind, name }: Reference): boolean => {
    if (kind === "relation") return relations.has(name);
    if (!target.elsewhere) return false;
    return (kind === "type" && types.has(name)) || (kind === "function" && functions.has(name));
  };
  const referenced = (reference: Reference): string => {
    if (!carriesReference(reference)) return reference.sql;
    const name = relation(target.schema, reference.name);
    return reference.constant ? literal(name) : name;
  };
  const carries = (place: { schema: string; name: string }): boolean =>
    place.schema === definition.schema && relations.has(place.name);
  return {
    target,
    text: (text) => text.map((part) => (typeof part === "string" ? part : referenced(part))).join(""),
    own: (name) => relation(target.schema, name),
    relation: (place) => relation(carries(place) ? target.schema : place.schema, place.name),
    carries,
    schemaOf: (schema) => (target.elsewhere && schema === definition.schema ? target.schema : schema),
  };
}

/** Whether a sequence is made anew in the target: also one of another schema that is the target's, where the tables come to its name. */
export function ownSequence(
  sequence: Definition["sequences"][number],
  definition: Definition,
  { schema, sequences, elsewhere }: Target,
): boolean {
  if (sequence.schema !== definition.schema) return elsewhere && sequence.schema === schema;
  return sequence.identity || elsewhere || sequences === "own";
}

function namesOf(objects: readonly { schema: string; name: string }[], schema: string): Set<string> {
  return new Set(objects.filter((one) => one.schema === schema).map((one) => one.name));
}

export function list(names: readonly string[]): string {
  return names.map(identifier).join(", ");
}
