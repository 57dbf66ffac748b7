/** Walks through an error and the errors in it. */

/** A foreign error may name itself as its cause. */
const maxNodes = 4096;

/** The errors of a chain. */
export interface Chain {
  readonly nodes: readonly unknown[];
  /** False if the chain is too long, or if a foreign property threw. */
  readonly whole: boolean;
}

/**
 * Returns an error and the errors in its `cause` and, for an AggregateError, in
 * its `errors`: depth first, at most 4096. Never throws.
 */
export function nodesOf(thrown: unknown): Chain {
  const nodes: unknown[] = [];
  const pending: unknown[] = [thrown];
  try {
    while (pending.length > 0) {
      const node = pending.pop();
      if (nodes.length === maxNodes) {
        return { nodes, whole: false };
      }
      nodes.push(node);
      if (typeof node === "object" && node !== null) {
        pending.push(...inside(node).reverse());
      }
    }
  } catch {
    return { nodes, whole: false };
  }
  return { nodes, whole: true };
}

function inside(node: { cause?: unknown; errors?: unknown }): unknown[] {
  const { cause, errors } = node;
  const list = node instanceof AggregateError && Array.isArray(errors) ? errors : [];
  return [cause, ...(list as unknown[]).slice(0, maxNodes + 1)].filter(
    (each) => each !== undefined && each !== null,
  );
}
