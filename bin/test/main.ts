import { explainFailure } from "../start/failure.ts";
import { phases } from "./phases.ts";
import { failedOne, sum, type Tally } from "./tally.ts";

const groups = [...new Set(phases.map(({ group }) => group))];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !groups.some((group) => group === name));
if (unknown.length > 0) {
  console.error(
    `There is no group of tests named ${unknown.join(", ")}. Choose from ${groups.join(", ")}, or give none for all.`,
  );
  process.exit(1);
}

const tallies: Tally[] = [];
const summary: string[] = [];
for (const phase of phases.filter(({ group }) => wanted.length === 0 || wanted.includes(group))) {
  console.log(`\n── ${phase.name}`);
  const begin = performance.now();
  const tally = await phase.run().catch((error: unknown) => {
    console.error(explainFailure(error));
    return failedOne;
  });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  tallies.push(tally);
  summary.push(`${seconds.padStart(7)} s  ${tally.failed > 0 ? "failed" : "passed"}  ${phase.name}`);
}

const { passed, failed } = sum(tallies);
console.log(`\n${summary.join("\n")}\n\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
