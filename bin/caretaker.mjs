#!/usr/bin/env node
// The command line. It runs on the Node that is there and hands over to the one that the project brings.
import { install, run } from "./install.mjs";

run(install(), "bin/cli/main.ts", process.argv.slice(2));
