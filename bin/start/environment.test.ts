import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { findControl } from "#bin/cli/control.ts";
import { configure } from "./environment.ts";

const data = await mkdtemp(join(tmpdir(), "caretaker-environment-"));

afterAll(() => rm(data, { recursive: true }));

beforeEach(() => {
  vi.resetModules(); // the configuration is parsed once
  delete process.env.DATABASE_URL;
  process.env.CARETAKER_DATA = data;
  process.env.CARETAKER_KEY = Buffer.alloc(32).toString("base64");
  process.env.CARETAKER_ALLOWED_NETWORKS = "10.0.0.0/8";
});

describe("with other networks named, the private cluster can be reached and those can", () => {
  test("by npm start", async () => {
    delete process.env.CARETAKER_URL;
    const options = { dev: false, resetDemo: false, port: 3000, host: "127.0.0.2", data };
    const binaries = { directory: "/nowhere", version: "17.0", major: 17, complete: false, native: null };
    const url = "postgres://postgres@127.0.0.1:5999/caretaker";
    const server = { url, port: 5999, pid: 1, version: "17.0", binaries, log: "", data, exited: Promise.resolve() };
    const cluster = { ...server, stop: async () => {} };
    await configure({ ...options, accountsFile: undefined, databaseUrl: undefined }, { url, cluster }, 3000);
    expect(process.env.CARETAKER_URL).toBe("http://127.0.0.2:3000");
    await assertReach();
  });

  test("by the command line", async () => {
    process.env.CARETAKER_KEY = ""; // as compose.yaml passes it where none is set
    await writeFile(join(data, "key"), Buffer.alloc(32, 1).toString("base64"));
    await mkdir(join(data, "postgres"));
    await writeFile(join(data, "postgres", "password"), "secret");
    await writeFile(join(data, "postgres", "port"), "5999");
    expect(await findControl()).toEqual({ isPrivate: true });
    await assertReach();
  });
});

async function assertReach(): Promise<void> {
  const { resolveAllowed } = await import("#db/network.ts");
  for (const address of ["127.0.0.1", "10.1.2.3"]) expect(await resolveAllowed(address)).toMatchObject({ address });
  await expect(resolveAllowed("192.168.0.1")).rejects.toMatchObject({ code: "forbidden" });
}
