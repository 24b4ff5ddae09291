import { type APIRequestContext, expect, request, test } from "@playwright/test";
import { actions, handlers, screens } from "#app/_server/testing/faces.ts";
import { type Capability, capabilitiesOf, type Role, roles } from "#db/capabilities.ts";
import { builtAction, pathOf } from "./faces.ts";
import { signedOut, stateOf } from "./harness.ts";

// Every role against every way in, on the built server. The input is junk, so that nothing ever happens: who holds the
// capability is told that the input is wrong, everybody else is refused before it is looked at. Nothing here rests on proxy.ts.

type Caller = Role | "nobody";
const callers: Caller[] = [...roles, "nobody"];
const clients = new Map<Caller, APIRequestContext>();

test.beforeAll(async ({ baseURL }) => {
  for (const caller of callers) {
    const storageState = caller === "nobody" ? signedOut : stateOf(caller);
    clients.set(caller, await request.newContext({ baseURL, storageState, maxRedirects: 0 }));
  }
});

test.afterAll(async () => {
  for (const client of clients.values()) await client.dispose();
});

function as(caller: Caller): APIRequestContext {
  const client = clients.get(caller);
  if (!client) throw new Error(`Nobody is signed in as ${caller}.`);
  return client;
}

function holds(caller: Caller, capability: string | null): boolean {
  return caller !== "nobody" && capabilitiesOf(caller).has(capability as Capability);
}

for (const action of actions()) {
  test(`action ${action.name} of ${action.file} answers each role as its capability says`, async ({ baseURL }) => {
    const built = builtAction(action);
    expect(built, "is in the build").toBeDefined();
    if (!built) return;
    const send = async (caller: Caller, origin: string | undefined) => {
      const response = await as(caller).post(built.path, {
        headers: {
          "next-action": built.id,
          "content-type": "text/plain;charset=UTF-8",
          accept: "text/x-component",
          ...(origin === undefined ? {} : { origin }),
        },
        data: '["junk"]',
      });
      return /"ok":false,"code":"(\w+)"/.exec(await response.text())?.[1];
    };
    for (const caller of callers) {
      const otherwise = caller === "nobody" ? "unauthenticated" : "forbidden";
      const expected = action.open || holds(caller, action.capability) ? "invalid" : otherwise;
      expect(await send(caller, baseURL), caller).toBe(expected);
    }
    for (const origin of [undefined, "null", "https://evil.example"]) {
      expect(await send("administrator", origin), `origin ${origin}`).not.toBe("invalid");
    }
  });
}

for (const handler of handlers().filter(({ open }) => !open)) {
  test(`handler ${handler.name} of ${handler.file} answers each role as its capability says`, async ({ baseURL }) => {
    for (const caller of callers) {
      const response = await as(caller).fetch(pathOf(handler.file), {
        method: handler.name,
        headers: { origin: baseURL ?? "", accept: "application/json" },
        ...(handler.name === "GET" || handler.name === "HEAD" ? {} : { data: ["junk"] }),
      });
      const refused = caller === "nobody" ? 401 : 403;
      if (holds(caller, handler.capability)) expect([401, 403], caller).not.toContain(response.status());
      else expect(response.status(), caller).toBe(refused);
      await response.dispose();
    }
    if (handler.name === "GET" || handler.name === "HEAD") return;
    const foreign = await as("administrator").fetch(pathOf(handler.file), {
      method: handler.name,
      headers: { origin: "https://evil.example" },
      data: ["junk"],
    });
    expect(foreign.status(), "from elsewhere").toBe(403);
  });
}

for (const screen of screens()) {
  test(`screen ${screen.file} shows itself to the roles with its capability alone`, async () => {
    for (const caller of callers) {
      const response = await as(caller).get(pathOf(screen.file), { headers: { accept: "text/html" } });
      if (caller === "nobody") {
        expect(response.status()).toBe(307);
        expect(response.headers().location).toMatch(/^\/sign-in/);
        continue;
      }
      // A screen that streams has sent its status by then, so what counts is what Next tells the browser to show.
      const refused = (await response.text()).includes("NEXT_HTTP_ERROR_FALLBACK;403") || response.status() === 403;
      expect(refused, caller).toBe(!holds(caller, screen.capability));
    }
  });
}
