import type { Capability } from "#db/capabilities.ts";

/** What an action or handler asks of its caller: a capability, or the reason why it asks for none. Pages ask a poll by themselves. */
export type Declaration = { capability: Capability; poll?: true } | { public: string };

const declarations = new WeakMap<object, Declaration>();

export function declare<Face extends object>(face: Face, declaration: Declaration): Face {
  declarations.set(face, declaration);
  return face;
}

/** For the test that finds every action and handler: undefined where somebody went round the wrappers. */
export function declarationOf(face: object): Declaration | undefined {
  return declarations.get(face);
}
