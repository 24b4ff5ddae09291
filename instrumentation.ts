export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { noteSocketAddresses } = await import("./app/_server/socket-address.ts");
  const { noteLeaving } = await import("./app/_server/leaving.ts");
  const { ownOrigin } = await import("./app/_server/origin.ts");
  noteSocketAddresses();
  noteLeaving();
  // next-auth takes the console's address from there; its other source, the Host header, is the client's to choose.
  process.env.NEXTAUTH_URL = ownOrigin();
}
