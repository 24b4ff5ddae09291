/** How much demo there is. */
export interface Scale {
  tenants: number;
  /** Of these, how many live in a schema of their own; one more always has its own database. */
  ownSchemas: number;
  /** Small things that people do one by one, over the year. */
  stories: number;
  /** Orders that arrive in batches from tenants' shops. */
  batchedOrders: number;
  /** Posts that tenants bring along when they join. */
  importedPosts: number;
}

export const scales = {
  /** About 200,000 audit entries. */
  full: { tenants: 200, ownSchemas: 8, stories: 34_000, batchedOrders: 46_000, importedPosts: 12_000 },
  /** About 3,000: enough for every screen, quick enough for browser tests. */
  small: { tenants: 12, ownSchemas: 2, stories: 700, batchedOrders: 500, importedPosts: 200 },
} as const satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;
