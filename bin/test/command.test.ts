import { expect, test, vi } from "vitest";
import { succeeds } from "./command.ts";

test("nothing of the shell's own databases and keys reaches a test, and copies of foreign schemas do", async () => {
  const set = {
    ...{ DATABASE_URL: "postgres://own", DATABASE_PASSWORD: "own", PGHOST: "own", PORT: "1" },
    ...{ CARETAKER_KEY: "own", CARETAKER_DATA: "own", CARETAKER_ALLOWED_NETWORKS: "own" },
    ...{ CARETAKER_PAGILA_SQL: "pagila.sql", CARETAKER_DOCUMENSO_MIGRATIONS: "migrations" },
  };
  for (const [name, value] of Object.entries(set)) vi.stubEnv(name, value);
  let said = "";
  const print = `console.log(JSON.stringify(${JSON.stringify(Object.keys(set))}.map((name) => process.env[name] ?? null)))`;
  await succeeds({ args: ["-e", print] }, { write: (text) => (said += text), end: () => {} });
  vi.unstubAllEnvs();
  expect(JSON.parse(said)).toEqual([...Array(7).fill(null), "pagila.sql", "migrations"]);
});
