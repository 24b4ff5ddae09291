import { describe, expect, test, vi } from "vitest";
import type { Refusal } from "./errors.ts";

/** `environment()` parses once, so each list of networks gets its own copy of the module. */
async function resolver(networks: string) {
  vi.resetModules();
  process.env.DATABASE_URL = "postgres://localhost/unused";
  process.env.CARETAKER_KEY = Buffer.alloc(32).toString("base64");
  process.env.CARETAKER_ALLOWED_NETWORKS = networks;
  const { resolveAllowed } = await import("./network.ts");
  return async (host: string): Promise<string> => {
    try {
      return (await resolveAllowed(host)).address;
    } catch (error) {
      return error instanceof Error && "code" in error ? String((error as Refusal).code) : String(error);
    }
  };
}

describe("the networks that Caretaker connects to", () => {
  test("with no network named, public addresses pass and inner ones do not", async () => {
    const resolve = await resolver("");
    expect(await resolve("93.184.216.34")).toBe("93.184.216.34");
    for (const inner of [
      "127.0.0.1",
      "10.1.2.3",
      "192.168.0.5",
      "172.16.9.9",
      "100.64.0.1",
      "::1",
      "fd00::1",
      "localhost",
    ]) {
      expect(await resolve(inner), inner).toBe("forbidden");
    }
  });

  test("a named network is the only one allowed", async () => {
    const resolve = await resolver("127.0.0.0/8, 10.20.0.0/16");
    expect(await resolve("127.0.0.1")).toBe("127.0.0.1");
    expect(await resolve("localhost")).toBe("127.0.0.1");
    expect(await resolve("10.20.30.40")).toBe("10.20.30.40");
    expect(await resolve("10.21.0.1")).toBe("forbidden");
    expect(await resolve("93.184.216.34")).toBe("forbidden");
  });

  test("naming the whole internet does not open loopback or private ranges", async () => {
    const resolve = await resolver("0.0.0.0/0,::/0");
    expect(await resolve("93.184.216.34")).toBe("93.184.216.34");
    expect(await resolve("2606:4700::1111")).toBe("2606:4700::1111");
    for (const inner of ["127.0.0.1", "10.0.0.1", "::1", "fd00::1"])
      expect(await resolve(inner), inner).toBe("forbidden");
  });

  test("addresses that hide another are refused, whatever is allowed", async () => {
    const resolve = await resolver("127.0.0.0/8,::1/128,0.0.0.0/0,::/0");
    const tricks = [
      "0.0.0.0",
      "::",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "[::ffff:127.0.0.1]",
      "0:0:0:0:0:ffff:7f00:1",
    ];
    const embedded = [
      "::7f00:1",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
      "169.254.169.254",
      "fe80::1",
      "224.0.0.1",
      "255.255.255.255",
    ];
    for (const trick of [...tricks, ...embedded]) expect(await resolve(trick), trick).toBe("forbidden");
    expect(await resolve("::1")).toBe("::1");
    expect(await resolve("[::1]")).toBe("::1");
  });

  test("numeric spellings of loopback are judged by the address they resolve to", async () => {
    const resolve = await resolver("10.0.0.0/8");
    for (const spelling of ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"]) {
      expect(["forbidden", "unreachable"], spelling).toContain(await resolve(spelling));
    }
  });

  test("only one plain host passes: no sockets, lists, zones or spaces", async () => {
    const resolve = await resolver("127.0.0.0/8");
    const hosts = [
      "/var/run/postgresql",
      "a.example,b.example",
      "fe80::1%eth0",
      "",
      " ",
      "db example",
      "@abstract",
      "a..b",
      "h?x=1",
    ];
    for (const host of [...hosts, "db\u0000", "ｌocalhost", "-db", "db/..", "db:5432"])
      expect(await resolve(host), host).toBe("invalid");
  });

  test("a name without an address says so", async () => {
    const resolve = await resolver("127.0.0.0/8");
    expect(await resolve("no-such-host.invalid")).toBe("unreachable");
  });

  test("a malformed network in the configuration is named", async () => {
    const resolve = await resolver("10.0.0.0/99");
    expect(await resolve("10.0.0.1")).toContain("10.0.0.0/99");
  });
});
