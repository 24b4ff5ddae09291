import type { Definition } from "../../managed/definition/definition.ts";
import type { MoveProblem } from "../contract.ts";
import type { References } from "./references.ts";

interface LeftView {
  view: string;
  reads: string;
}

/** In another database a view reads only what is there: one over a table that does not go along is not made. */
export function keepViews(definition: Definition, { known }: References): { definition: Definition; left: LeftView[] } {
  const there = [
    ...known.map(({ schema, table }) => `${schema}.${table}`),
    ...definition.tables.map(({ name }) => `${definition.schema}.${name}`),
  ];
  const left: LeftView[] = [];
  let views = definition.views;
  for (;;) {
    const names = new Set([...there, ...views.map(({ name }) => `${definition.schema}.${name}`)]);
    const strange = views.flatMap(({ name, reads }): LeftView[] => {
      const missing = reads.map((one) => `${one.schema}.${one.name}`).find((one) => !names.has(one));
      return missing === undefined ? [] : [{ view: name, reads: missing }];
    });
    if (strange.length === 0) return { definition: { ...definition, views }, left };
    left.push(...strange);
    views = views.filter(({ name }) => !strange.some(({ view }) => view === name));
  }
}

export function viewsLeft(left: readonly LeftView[]): MoveProblem[] {
  return left.map(({ view, reads }) => ({
    severity: "warning",
    code: "view_left",
    subject: view,
    message: `The view ${view} reads ${reads}, which does not go along; it is not made at the new place.`,
    fix: "Make it there yourself if the application needs it, over what is there.",
  }));
}
