/** Roles under which code runs: one per function, one for verification, one for the operator's command line. */
export const PRINCIPALS = [
  'ingest',
  'keys',
  'enrol',
  'maintenance',
  'close-day',
  'editing',
  'billing',
  'project',
  'relay',
  'billing-api',
  'deliver',
  'prices',
  'price-api',
  'archive',
  'export',
  'auditor',
  'operator-cli',
  'publisher',
  'authorization',
  'third-party-api',
  'third-party-feed',
  'sandbox',
  'consent',
  'ems',
  'deidentify',
  'operator-api',
  'forecast',
  'account-api',
  'session',
  'usage-api',
  'console-api',
  'erasure',
  'log',
  'reconcile',
  'log-check',
] as const;

export type Principal = (typeof PRINCIPALS)[number];

/** Whether a list of permissions names this principal with this operation. Names are looked up as own properties only. */
export function permits<Operation>(
  allow: Readonly<Partial<Record<Principal, readonly Operation[]>>>,
  principal: string,
  operation: Operation,
): boolean {
  return Object.hasOwn(allow, principal) && (allow[principal as Principal]?.includes(operation) ?? false);
}
