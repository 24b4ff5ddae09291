// The language of the log's filter, without anything that needs a server: screens parse and print with it as the server does.

export { completionAt, fieldsBegun } from "./complete.ts";
export { type FieldSpec, fields } from "./fields.ts";
export { isMoment, momentBounds } from "./moments.ts";
export { parseQuery } from "./parse.ts";
export { printQuery, printTerm, printValue } from "./print.ts";
export { exact, type IsTerm, is, type Term } from "./terms.ts";
