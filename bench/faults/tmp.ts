import { mkdtemp } from "node:fs/promises";
import { removeCluster, startCluster } from "#db/local/cluster.ts";
import { erasures } from "./erasure/erase.ts";
import { closeControl } from "#db/control.ts";
import { closeFleet } from "#db/fleet.ts";
const dataDir = await mkdtemp("/tmp/caretaker-faults-");
const cluster = await startCluster({ dataDir, durable: true });
process.env.CARETAKER_TEST_SERVER = cluster.url;
try { console.log(JSON.stringify(await erasures(Number(process.argv[2]), 11))); } finally { await closeFleet(); await closeControl(); await cluster.stop("immediate"); await removeCluster(dataDir); }
process.exit(0);
