import { expect, test } from "vitest";
import type { TableShape } from "../../table-shape.ts";
import type { NotReached } from "../contract.ts";
import { fitting } from "./room.ts";

const leaf = { schema: "public", name: "letters", children: [] as TableShape["children"] } as TableShape;
const rows = (count: number, ...columns: string[]) =>
  Array.from({ length: count }, (_, at) => ({ record: `${columns.join()} ${at}`, columns, held: false }));

test("rows that hold nothing any more take no room from those that do, and hide nothing when they are left out", () => {
  const notReached: NotReached[] = [];
  const taken = { holding: 0, held: 0, bare: 19_999 };
  expect(fitting({ notReached }, taken, leaf, 1, [...rows(3, "mail"), ...rows(2)])).toHaveLength(4);
  expect(taken).toEqual({ holding: 3, held: 0, bare: 20_000 });
  expect(notReached).toEqual([expect.objectContaining({ where: "public.letters", outside: true })]);
});

test("rows that hold something, or are far away, count against a search when they are left out", () => {
  const notReached: NotReached[] = [];
  expect(fitting({ notReached }, { holding: 19_999, held: 0, bare: 0 }, leaf, 1, rows(2, "mail"))).toHaveLength(1);
  fitting({ notReached }, { holding: 0, held: 0, bare: 20_000 }, leaf, 2, rows(1));
  expect(notReached).toHaveLength(2);
  for (const one of notReached) expect(one).not.toHaveProperty("outside");
});

test("rows that a legal hold keeps take no room from free ones, and leave nothing open when they are left out", () => {
  const notReached: NotReached[] = [];
  const taken = { holding: 0, held: 19_999, bare: 0 };
  const held = rows(2, "mail").map((row) => ({ ...row, held: true }));
  expect(fitting({ notReached }, taken, leaf, 1, [...held, ...rows(3, "mail")])).toHaveLength(4);
  expect(notReached).toEqual([
    expect.objectContaining({ why: expect.stringContaining("under no legal hold"), outside: true }),
  ]);
});
