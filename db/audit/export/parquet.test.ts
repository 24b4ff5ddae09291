import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeControl } from "../../control.ts";
import { freshControl } from "../../testing/databases.ts";
import { toParquet } from "./parquet.ts";
import { partPath } from "./part-file.ts";

beforeAll(async () => {
  process.env.CARETAKER_DATA = await mkdtemp(join(tmpdir(), "caretaker-parquet-"));
  await freshControl();
});

afterAll(async () => {
  await closeControl();
  await rm(process.env.CARETAKER_DATA ?? "", { recursive: true, force: true });
});

test("Parquet holds entries of many MB, however long they are", async () => {
  // Neither a line break nor a quote within a cell ends a record.
  const cells = ['"line"\n'.repeat(1_500_000), "short", '""\n'.repeat(3_000_000)];
  const records = cells.map((cell, at) => `${at},2026-01-01T00:00:00.000000Z,"${cell.replaceAll('"', '""')}",app\n`);
  await writeFile(await partPath("long.part"), records.join(""));
  const columns = ["id", "created_at", "new_values"] as const;
  const { file, rows } = await toParquet("long.part", columns, "an-export", new AbortController().signal);
  expect(rows).toBe(3);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT new_values FROM read_parquet('${await partPath(file)}') ORDER BY id`,
  );
  expect(
    reader
      .getRows()
      .flat()
      .every((value, at) => value === cells[at]),
  ).toBe(true);
  connection.closeSync();
  instance.closeSync();
});
