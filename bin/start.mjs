import { install, run } from "./install.mjs";

run(install(), "bin/start/main.ts", process.argv.slice(2));
