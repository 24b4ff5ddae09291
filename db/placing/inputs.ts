import { z } from "zod";
import { consentSchema } from "../approvals/contract.ts";
import { policyKinds } from "./contract.ts";

const emptyIsNull = (value: unknown) => (value === "" || value === undefined ? null : value);
const region = z.preprocess(emptyIsNull, z.string().trim().min(1).max(60).nullable());
// As every size is shown: 1,024 to the next unit.
const gigabyte = 1024 ** 3;

export const capacityInput = z.object({
  serverId: z.uuid(),
  region,
  diskGb: z.preprocess(
    emptyIsNull,
    z.coerce
      .number()
      .positive("Give the size of the disk.")
      .max(1_000_000)
      .transform((gb) => Math.round(gb * gigabyte))
      .nullable(),
  ),
  cores: z.preprocess(emptyIsNull, z.coerce.number().int().min(1).max(4_096).nullable()),
  movesAtOnce: z.coerce.number().int().min(1).max(100),
});

export const policyInput = z
  .object({
    homeDatabaseId: z.uuid(),
    kind: z.enum(policyKinds),
    region,
    serverId: z.preprocess(emptyIsNull, z.uuid().nullable()),
  })
  .refine(({ kind, region: where }) => kind !== "region" || where !== null, {
    path: ["region"],
    message: "Name the region.",
  })
  .refine(({ kind, serverId }) => kind !== "pinned" || serverId !== null, {
    path: ["serverId"],
    message: "Choose the server.",
  });

/** In percent, so that it can be typed. */
const limit = z.coerce.number().int().min(10).max(95);

export const limitInput = z.object({ limit: limit.default(70) });

/** The same from an address, where nonsense is left out. */
export const limitQuery = z.object({ limit: limit.catch(70) });

export const startRebalanceInput = consentSchema.extend({
  limit,
  planHash: z.string().min(1).max(200),
});

export const rebalanceId = z.object({ rebalanceId: z.uuid() });

export type SetCapacity = z.infer<typeof capacityInput>;
export type SetPolicy = z.infer<typeof policyInput>;
export type StartRebalance = z.infer<typeof startRebalanceInput>;
