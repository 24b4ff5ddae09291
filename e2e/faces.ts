import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Face } from "#app/_server/testing/faces.ts";

const manifestSchema = z.object({
  node: z.record(
    z.string(),
    z.object({ workers: z.record(z.string(), z.unknown()), filename: z.string(), exportedName: z.string() }),
  ),
});

interface BuiltAction {
  id: string;
  /** A screen that can run it. */
  path: string;
}

/** An id that nothing has, and that parses where a uuid is wanted. */
const nobody = "00000000-0000-4000-8000-000000000000";

/** Where the build put a server action; undefined when it is in no screen. */
export function builtAction(face: Face): BuiltAction | undefined {
  for (const [id, action] of Object.entries(manifest().node)) {
    const [worker] = Object.keys(action.workers);
    if (action.filename === face.file && action.exportedName === face.name && worker)
      return { id, path: pathOf(worker) };
  }
}

function manifest(): z.infer<typeof manifestSchema> {
  const file = join(import.meta.dirname, "..", ".next", "server", "server-reference-manifest.json");
  return manifestSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The address of a screen or route from its place in the tree, with `nobody` for what varies. */
export function pathOf(file: string): string {
  const segments = file
    .replace(/^app\//, "")
    .replace(/\/?(page|route)(\.tsx?)?$/, "")
    .split("/")
    .filter((segment) => segment !== "" && !/^\(.*\)$/.test(segment));
  return `/${segments.map((segment) => (segment.startsWith("[") ? nobody : segment)).join("/")}`;
}
