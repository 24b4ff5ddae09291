import { Status, type StatusKind } from "#components/feedback/status.tsx";
import type { StreamView } from "#db/audit/stream/contract.ts";

const kinds: Record<StreamView["standing"], StatusKind> = {
  flowing: "good",
  behind: "warning",
  failing: "critical",
  paused: "neutral",
  unknown: "unknown",
};

const words: Record<StreamView["standing"], string> = {
  flowing: "flowing",
  behind: "behind",
  failing: "failing",
  paused: "paused",
  unknown: "nobody looked lately",
};

export function Standing({ standing }: { standing: StreamView["standing"] }) {
  return <Status kind={kinds[standing]}>{words[standing]}</Status>;
}
