import { join } from "node:path";
import { build } from "./start/build.ts";

await build(join(import.meta.dirname, ".."));
