import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** One way into the console from outside: an export of a "use server" file, a method of a route, or a screen. */
export interface Face {
  /** Below the project's folder, such as "app/(console)/tenants/actions.ts". */
  file: string;
  name: string;
  /** Null where none is written down in the way that the wrappers ask for. */
  capability: string | null;
  /** Why it needs no session. */
  open: boolean;
}

/** What makes a face: wrappers that ask for a capability, and one that says why it asks for none. */
interface Wrappers {
  staff: readonly string[];
  open: string;
}

const root = join(import.meta.dirname, "..", "..", "..");

function sources(pattern: string): { file: string; text: string }[] {
  return globSync(pattern, { cwd: root })
    .filter((file) => !file.includes(".test."))
    .sort()
    .map((file) => ({ file: relative(".", file), text: readFileSync(join(root, file), "utf8") }));
}

/** Every exported server action, as the text of the sources says. */
export function actions(): Face[] {
  return sources("app/**/*.{ts,tsx}")
    .filter(({ text }) => /^\s*["']use server["']/.test(text))
    .flatMap(({ file, text }) => exportsOf(file, text, { staff: ["staffAction"], open: "publicAction" }));
}

/** Every method of every route handler. */
export function handlers(): Face[] {
  const wrappers = { staff: ["staffHandler", "pollHandler"], open: "publicHandler" };
  return sources("app/**/route.ts").flatMap(({ file, text }) => exportsOf(file, text, wrappers));
}

/** Every address that a page asks by itself, as a pattern of the route's file: by an interval or as a stream of events. */
export function polled(): { file: string; address: string }[] {
  return sources("{app,components}/**/*.{ts,tsx}")
    .filter(({ text }) => /refetchInterval:|setInterval\(async|new EventSource/.test(text))
    .flatMap(({ file, text }) =>
      [...text.matchAll(/(?:fetch|EventSource)\([`"](\/api[^`"?]*)/g)].map(([, address]) => ({
        file,
        address: (address ?? "").replaceAll(/\$\{[^}]*\}/g, "[id]"),
      })),
    );
}

/** Every screen of the console, with the capability that it asks for, by `pageActor` or a loader that takes it along. */
export function screens(): Face[] {
  return sources("app/(console)/**/page.tsx").map(({ file, text }) => ({
    file,
    name: "page",
    capability: /await \w+\(\s*"([a-z]+\.[a-z]+)"/.exec(text)?.[1] ?? null,
    open: false,
  }));
}

/** Files that hide a server action inside a function, where no list finds it. */
export function hiddenActions(): string[] {
  return sources("app/**/*.{ts,tsx}")
    .concat(sources("components/**/*.{ts,tsx}"))
    .filter(({ text }) => /\n\s*["']use server["']/.test(text))
    .map(({ file }) => file);
}

function exportsOf(file: string, text: string, { staff, open }: Wrappers): Face[] {
  const direct = [...text.matchAll(/^export (?:const|let|var|async function|function) (\w+)/gm)].map(([, name]) => [
    name,
    name,
  ]);
  const renamed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    (list ?? "").split(",").map((one) => {
      const [local, outer] = one.trim().split(/\s+as\s+/);
      return [local, outer ?? local];
    }),
  );
  return [...direct, ...renamed].flatMap(([local, name]) => {
    if (!local || !name || /^(dynamic|runtime|revalidate|maxDuration)$/.test(name)) return [];
    const made = new RegExp(`const ${local} = (\\w+)(?:<[^(]*>)?\\(\\s*("[^"]*")`).exec(text);
    return {
      file,
      name,
      capability: made?.[1] && staff.includes(made[1]) ? JSON.parse(made[2] ?? '""') : null,
      open: made?.[1] === open,
    };
  });
}
