import { useSyncExternalStore } from "react";

/** Whether the page's scripts have not run yet: what is pressed then would be lost. */
export function useEarly(): boolean {
  return useSyncExternalStore(never, onceLoaded, beforeLoaded);
}

const never = () => () => {};
const onceLoaded = () => false;
const beforeLoaded = () => true;
