import { TriangleAlert } from "lucide-react";
import { Frame, type StateProps } from "./frame.tsx";

/** A part that could not be read. Never an empty list. In a file of its own: the page that tells of a failure carries nothing else. */
export function FailedState(props: StateProps) {
  return <Frame icon={<TriangleAlert />} role="alert" {...props} className="border-critical" ink="text-critical" />;
}
