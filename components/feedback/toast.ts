/** Says the result of an action, briefly. The library arrives with the first toast. */
export async function toast(message: string): Promise<void> {
  const sonner = await import("sonner");
  sonner.toast(message);
}
