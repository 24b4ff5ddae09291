import { controlPool } from "./control.ts";

/** Whether the control database answers. It says nothing else, so that a health check may ask without a session. */
export async function controlAnswers(): Promise<boolean> {
  return controlPool()
    .query("SELECT 1")
    .then(
      () => true,
      () => false,
    );
}
