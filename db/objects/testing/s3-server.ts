import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import type { S3Place } from "../s3-store.ts";

/** A real server of the S3 protocol on this machine, with one bucket, until closed. */
export async function s3Server(): Promise<{ place: S3Place; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "caretaker-s3-"));
  const configureBuckets = [{ name: "evidence", configs: [] }];
  const server = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets });
  const { port } = await server.run();
  return {
    place: {
      bucket: "evidence",
      prefix: "caretaker",
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
    },
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
