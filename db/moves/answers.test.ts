import pg from "pg";
import { expect, test } from "vitest";
import { network } from "../../bench/faults/proxy.ts";
import { isInterruption } from "../jobs/finish.ts";
import { testServer } from "../testing/databases.ts";
import { watchAnswers } from "./answers.ts";

test("a statement whose answer was swallowed ends as an interruption, and one that goes on is waited for", async () => {
  const url = testServer();
  const line = await network(Number(url.port));
  url.port = String(line.port);
  const client = new pg.Client(url.href);
  client.on("error", () => {});
  await client.connect();
  watchAnswers(client, { connectionString: testServer().href }, 100);
  await client.query("SELECT pg_sleep(1)");
  const lost = client.query("SELECT pg_sleep(0.2)").then(
    () => null,
    (error: unknown) => error,
  );
  line.lose();
  const error = await lost;
  expect(isInterruption(error), String(error)).toBe(true);
  await line.close();
});
