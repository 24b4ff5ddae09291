import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signNote, verifierLine } from "#db/audit/proof/note.ts";
import { canonical } from "#db/canonical.ts";

let folder: string;
const key = { name: "caretaker-audit", privateKey: generateKeyPairSync("ed25519").privateKey };
const other = { name: "caretaker-audit", privateKey: generateKeyPairSync("ed25519").privateKey };

const certificate = {
  certificate: 1,
  id: "46ea4983-dcc9-430a-a6f7-84adfaaf907f",
  subject: "4aeac362",
  database: { id: "d", name: "app" },
  finishedAt: "2026-11-29T03:00:00.000Z",
  approvedBy: "Bo",
  check: { at: "2026-11-29T03:00:00.000Z", clean: true, remaining: [] },
};
const note = signNote(`caretaker/erasure/${certificate.id}\n${canonical(certificate)}\n`, key);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caretaker-certificate-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function verify(content: string, by = key): Promise<{ code: number; said: string }> {
  const file = join(folder, "certificate.json");
  await writeFile(file, content);
  const args = [join(import.meta.dirname, "../verify"), file, "--key", verifierLine(by)];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

test("a certificate holds, as JSON however it is laid out and as the note alone", async () => {
  for (const content of [note, JSON.stringify({ certificate, note }), JSON.stringify({ note, certificate }, null, 2)]) {
    expect(await verify(content)).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^SIGNED\. Erasure 46ea4983.*approved by Bo/),
    });
  }
});

test("a certificate that shows something else than what was signed does not hold", async () => {
  const changed = JSON.stringify({ certificate: { ...certificate, approvedBy: "Eve" }, note });
  expect(await verify(changed)).toMatchObject({ code: 1, said: expect.stringContaining("not what was signed") });
});

test("a note that was changed, or that another key signed, does not hold", async () => {
  expect(await verify(note.replace('"clean":true', '"clean":null'))).toMatchObject({ code: 1 });
  expect(await verify(note, other)).toMatchObject({ code: 1, said: expect.stringContaining("not signed") });
});
