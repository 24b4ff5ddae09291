import { install, run } from "./install.mjs";

run(install(), "bin/test/main.ts", process.argv.slice(2));
