import { z } from "zod";
import { bucketFields, webhookFields } from "../../stream/contract.ts";

const name = z.string().trim().min(1, "Give the place a name.").max(80);

export const addPlaceInput = z.discriminatedUnion("kind", [
  z.object({
    name,
    kind: z.literal("folder"),
    folder: z
      .string()
      .trim()
      .max(1_000)
      .regex(/^\/[^\p{Cc}]+$/u, "A whole path, such as /mnt/evidence/caretaker."),
  }),
  z.object({ name, ...webhookFields }),
  z.object({ name, ...bucketFields }),
]);

export type AddPlace = z.infer<typeof addPlaceInput>;

export const placeReference = z.object({ id: z.uuid() });

/** A checkpoint is signed and delivered within two minutes: so long without is a warning, then an alarm. */
export const undeliveredSeconds = { warning: 15 * 60, critical: 60 * 60 };

/** How far one database's checkpoints have got into a place. */
export interface PlaceDelivery {
  databaseId: string;
  databaseName: string;
  /** How many were delivered, and of how many entries the last one speaks. */
  delivered: number;
  size: number;
  deliveredAt: string | null;
  /** How many wait, and when the oldest of them was signed. */
  waiting: number;
  behindSince: string | null;
  checkedAt: string | null;
  failures: number;
  nextTryAt: string;
  error: string | null;
}

export interface PlaceView {
  id: string;
  name: string;
  kind: AddPlace["kind"];
  /** Where it is, in one line. */
  place: string;
  createdBy: string;
  createdAt: string;
  /** "unknown" never reads as good: nobody has looked lately. */
  standing: "current" | "behind" | "failing" | "unknown";
  deliveries: PlaceDelivery[];
}
