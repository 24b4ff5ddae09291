// The language of the log's filter, without anything that needs a server: screens parse and print with it as the server does.

export { completionAt, fieldsBegun } from "./complete.ts";
export { type FieldSpec, fields, type Named } from "./fields.ts";
export { isMoment, momentBounds } from "./moments.ts";
export { parseQuery } from "./parse.ts";
export { printQuery, printTerm, printValue } from "./print.ts";
export {
  exact,
  type Field,
  type IsTerm,
  is,
  type Parsed,
  type RangeTerm,
  type Term,
  type TextTerm,
  type Value,
} from "./terms.ts";
