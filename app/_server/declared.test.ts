import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { capabilities } from "#db/capabilities.ts";
import { declarationOf } from "./declared.ts";
import { actions, type Face, handlers, hiddenActions, polled, screens } from "./testing/faces.ts";

const root = join(import.meta.dirname, "..", "..");

async function faceOf({ file, name }: Pick<Face, "file" | "name">): Promise<object> {
  const module: Record<string, object> = await import(join(root, file));
  return module[name] ?? {};
}

async function exportsOf(file: string): Promise<string[]> {
  return Object.keys(await import(join(root, file)));
}

describe("every way in declares what it asks for", () => {
  test("there are actions, handlers and screens to look at", () => {
    expect(actions().length).toBeGreaterThan(10);
    expect(handlers().length).toBeGreaterThan(1);
    expect(screens().length).toBeGreaterThan(3);
  });

  for (const [kind, faces] of [
    ["action", actions()],
    ["handler", handlers()],
  ] as const) {
    for (const face of faces) {
      test(`${kind} ${face.name} of ${face.file}`, async () => {
        const declared = declarationOf(await faceOf(face));
        expect(declared, "made by a wrapper of app/_server").toBeDefined();
        // The browser test of roles and actions reads the text; here it is held against what really runs.
        if (declared && "capability" in declared) {
          expect(capabilities).toContain(declared.capability);
          expect(face).toMatchObject({ capability: declared.capability, open: false });
        } else {
          expect(face).toMatchObject({ capability: null, open: true });
          expect(declared?.public.length).toBeGreaterThan(10);
        }
      });
    }
  }

  for (const file of new Set([...actions(), ...handlers()].map((face) => face.file))) {
    test(`nothing is exported by ${file} that the list does not find`, async () => {
      const known = [...actions(), ...handlers()].filter((face) => face.file === file).map(({ name }) => name);
      const settings = ["dynamic", "runtime", "revalidate", "maxDuration"];
      expect((await exportsOf(file)).filter((name) => !settings.includes(name)).sort()).toEqual(known.sort());
    });
  }

  for (const screen of screens()) {
    test(`screen ${screen.file}`, () => {
      expect(capabilities).toContain(screen.capability);
    });
  }

  test("every address that a page asks by itself is a poll", async () => {
    const found = polled();
    expect(found.length).toBeGreaterThan(4);
    for (const { file, address } of found) {
      const handler = await faceOf({ file: `app${address}/route.ts`, name: "GET" });
      expect(declarationOf(handler), `${address}, asked by ${file}`).toMatchObject({ poll: true });
    }
  });

  test("no server action is hidden inside a function", () => {
    expect(hiddenActions()).toEqual([]);
  });
});
