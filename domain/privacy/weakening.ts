/**
 * Policies that let through what the policy in force would not: for measuring what the gate is worth. Nothing that ships may
 * import this file but policy.ts, which only asks whether a policy came from here (a rule of .dependency-cruiser.mjs).
 */
const weakened = new WeakSet<object>();

/** The policy with some thresholds replaced, which functions of domain/privacy accept from then on. */
export function weakenedPolicy<Policy extends object>(policy: Policy, instead: Partial<Policy>): Policy {
  const weaker = Object.freeze({ ...policy, ...instead });
  weakened.add(weaker);
  return weaker;
}

export function isWeakened(policy: object): boolean {
  return weakened.has(policy);
}
