import type { StreamTarget } from "../../schema/exports.ts";
import { bucketWords } from "./bucket.ts";

/** Where a stream goes, in one line: an address, a host and port, a bucket. */
export function placeOf(target: StreamTarget): string {
  switch (target.kind) {
    case "webhook":
      return target.url;
    case "syslog":
      return `${target.host}:${target.port}${target.tls ? ", TLS" : ", not encrypted"}`;
    case "s3":
      return bucketWords(target);
  }
}
