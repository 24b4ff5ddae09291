import { parseArgs } from "node:util";
import { environment } from "#db/environment.ts";
import { demoTraffic } from "#db/local/demo/traffic.ts";
import { findControl } from "./cli/control.ts";
import { explainFailure } from "./start/failure.ts";

// npm run demo:traffic -- [--minutes 60] [--rate 30]: a gentle load on the demo of a running npm start, in transactions a minute.

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, rate: { type: "string", default: "30" } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
if (!(minutes > 0 && minutes <= 10_000 && rate > 0 && rate <= 6_000)) {
  console.error("Usage: npm run demo:traffic -- [--minutes 60] [--rate 30], both above 0; the rate is at most 6000.");
  process.exit(2);
}

const ending = new AbortController();
const timer = setTimeout(() => ending.abort(), minutes * 60_000);
process.once("SIGINT", () => ending.abort());
process.once("SIGTERM", () => ending.abort());

try {
  const { isPrivate } = await findControl();
  if (!isPrivate) throw new Error("The demo is on the private cluster only. Unset DATABASE_URL.");
  console.log(`The demo lives for ${minutes} minutes, ${rate} transactions a minute. Ctrl-C ends it.`);
  await demoTraffic({ serverUrl: environment().DATABASE_URL, rate, signal: ending.signal, onStory: console.log });
} catch (error) {
  console.error(explainFailure(error));
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
