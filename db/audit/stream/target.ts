import type { StreamTarget } from "../../schema/exports.ts";
import { bucketTarget } from "./bucket.ts";
import type { CreateStream } from "./contract.ts";

type Given<Kind extends CreateStream["kind"]> = Omit<
  Extract<CreateStream, { kind: Kind }>,
  "name" | "query" | "format" | "from"
>;

/** What of a receiver may be shown and recorded. */
export function targetOf(input: Given<"webhook"> | Given<"syslog"> | Given<"s3">): StreamTarget {
  switch (input.kind) {
    case "webhook": {
      const headers = Object.keys(input.headers);
      return { kind: "webhook", url: input.url, ...(headers.length > 0 && { headers }) };
    }
    case "syslog":
      return { kind: "syslog", host: input.host, port: input.port, tls: input.tls };
    case "s3":
      return bucketTarget(input);
  }
}
