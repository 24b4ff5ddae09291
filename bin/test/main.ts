import { explainFailure } from "../start/failure.ts";
import { runInLanes } from "./lanes.ts";
import { openOutput } from "./output.ts";
import { type Phase, phases } from "./phases.ts";
import { failedOne, sum, type Tally } from "./tally.ts";

// Each phase alone leaves a core idle for a good part of its time.
const lanes = 2;

const groups = [...new Set(phases.map(({ group }) => group))];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !groups.some((group) => group === name));
if (unknown.length > 0) {
  console.error(
    `There is no group of tests named ${unknown.join(", ")}. Choose from ${groups.join(", ")}, or give none for all.`,
  );
  process.exit(1);
}

let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interrupted = true; // what runs is told by itself, and nothing else begins
  });
}

const begin = performance.now();
const tallies: Tally[] = [];
const summary: string[] = [];
const chosen = phases.filter(({ group }) => wanted.length === 0 || wanted.includes(group));
await runInLanes(chosen, lanes, runPhase);

if (interrupted) process.exit(130);

const { passed, failed, failures } = sum(tallies);
console.log(`\n${summary.join("\n")}\n${secondsSince(begin)}          altogether\n`);
if (failures.length > 0) console.log(`${failures.map((line) => `failed  ${line}`).join("\n")}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

async function runPhase(phase: Phase): Promise<void> {
  if (interrupted) return;
  const begin = performance.now();
  const output = openOutput(phase.name);
  const tally = await phase.run(output).catch((error: unknown) => {
    output.write(`${explainFailure(error)}\n`);
    return failedOne;
  });
  output.end();
  tallies.push(tally);
  summary.push(`${secondsSince(begin)}  ${tally.failed > 0 ? "failed" : "passed"}  ${phase.name}`);
}

function secondsSince(begin: number): string {
  return `${((performance.now() - begin) / 1000).toFixed(1).padStart(7)} s`;
}
