import { z } from "zod";
import { movePaces } from "./contract.ts";

const emptyIsAbsent = (value: unknown) => (value === "" ? undefined : value);
const limit = (least: number, most: number) =>
  z.preprocess(emptyIsAbsent, z.coerce.number().min(least).max(most).optional());

export const paceLimitsSchema = z.object({
  slowdown: limit(1.1, 1_000),
  lagSeconds: limit(0.1, 86_400),
  walMbPerSecond: limit(1, 100_000),
  waitingSessions: limit(0, 10_000),
});

export const paceSchema = z.preprocess(emptyIsAbsent, z.enum(movePaces).default("normal"));
