import { join } from "node:path";
import { z } from "zod";
import type { Cluster } from "#db/local/cluster.ts";
import type { scales } from "#db/local/demo/scale.ts";
import { seedDemo } from "#db/local/demo/seed.ts";
import { exists } from "#db/local/home.ts";
import { registerDemo } from "#db/local/register-demo.ts";
import { systemActor } from "#db/mint.ts";
import { writeWhole } from "./folder.ts";
import type { Options } from "./options.ts";

const scaleName = z.enum(["full", "small"] satisfies (keyof typeof scales)[]).default("full");

/** Whether the demo is whole. Its marker lies beside the cluster and goes with it. */
export function isSeeded(options: Options): Promise<boolean> {
  return exists(markerOf(options));
}

/** Makes the demo application and adopts its databases. CARETAKER_DEMO=small makes less of it, for the browser tests. */
export async function seed(options: Options, cluster: Cluster): Promise<void> {
  console.log("Making the demo: a year of an application's life (a minute or two) …");
  const scale = scaleName.parse(process.env.CARETAKER_DEMO);
  const seeded = await seedDemo({ serverUrl: cluster.url, scale });
  await registerDemo(systemActor("npm start"), cluster.url, seeded);
  await writeWhole(markerOf(options), JSON.stringify(seeded));
}

function markerOf(options: Options): string {
  return join(options.data, "postgres", "demo");
}
