import { afterAll } from "vitest";
import { dropFreshDatabases } from "./databases.ts";

// Registered before the test file's own, so that it runs after them.
afterAll(dropFreshDatabases);
