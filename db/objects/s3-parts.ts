import { open } from "node:fs/promises";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { md5 } from "./digest.ts";

/** Files above this go in parts; S3 takes at most 10,000 of them, of at least 5 MiB. */
export const partBytes = 32 << 20;

const partsMax = 10_000;

/** Uploads a large file with one part in memory at a time. Nothing stands under the key before the last call. */
export async function putInParts(
  client: S3Client,
  at: { Bucket: string; Key: string },
  file: string,
  bytes: number,
  abortSignal?: AbortSignal,
): Promise<void> {
  const size = Math.max(partBytes, Math.ceil(bytes / partsMax));
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at), { abortSignal });
  const handle = await open(file, "r");
  try {
    const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
    for (let start = 0; start < bytes; start += size) {
      const Body = Buffer.alloc(Math.min(size, bytes - start));
      await handle.read(Body, 0, Body.length, start);
      const PartNumber = Parts.length + 1;
      const part = new UploadPartCommand({ ...at, UploadId, PartNumber, Body, ContentMD5: md5(Body) });
      Parts.push({ ETag: (await client.send(part, { abortSignal })).ETag, PartNumber });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }), {
      abortSignal,
    });
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    throw error;
  } finally {
    await handle.close();
  }
}
