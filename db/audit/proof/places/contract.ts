import { z } from "zod";
import { bucketFields, type StreamCursor, type StreamView, webhookFields } from "../../stream/contract.ts";

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
export interface PlaceDelivery extends StreamCursor {
  /** Of how many entries the last one that was delivered speaks. */
  size: number;
  /** How many wait; the oldest of them was signed at `behindSince`. */
  waiting: number;
}

export interface PlaceView {
  id: string;
  name: string;
  kind: AddPlace["kind"];
  /** Where it is, in one line. */
  place: string;
  createdBy: string;
  createdAt: string;
  standing: Exclude<StreamView["standing"], "paused">;
  deliveries: PlaceDelivery[];
}
