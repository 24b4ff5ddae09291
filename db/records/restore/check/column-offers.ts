import { literal } from "../../../managed/statement.ts";
import type { Column, TableShape } from "../../table-shape.ts";
import type { Offer } from "../choices.ts";
import { offersSql } from "./note.ts";

/** What may be written into a column instead of the value that it had. */
export function offersOf({ nullable, hasDefault, identity }: Column): Offer[] {
  const offers: Offer[] = [
    ...(nullable ? ["null" as const] : []),
    ...(hasDefault || identity ? ["default" as const] : []),
  ];
  return [...(offers.length === 0 ? ["write" as const] : offers), "skip"];
}

/** SQL of what a column of the table offers, by its name. */
export function columnOffers({ columns }: TableShape, name: string): string {
  const cases = columns.map((column) => `WHEN ${literal(column.name)} THEN ${offersSql(...offersOf(column))}`);
  return `(CASE ${name} ${cases.join(" ")} ELSE ${offersSql("skip")} END)`;
}
