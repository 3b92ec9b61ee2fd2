import type { Principal } from './principals.ts';

/** What makes a function run. */
export type FunctionTrigger =
  /** Messages of queues of topology/queues.ts, by name. */
  | { readonly kind: 'queue'; readonly queues: readonly string[] }
  /** The same of NOTICE_QUEUES: what the gateway tells of devices. */
  | { readonly kind: 'notice'; readonly queues: readonly string[] }
  /** Commits, by the feeds of topology/feeds.ts that name the function. */
  | { readonly kind: 'feed' }
  /** Every whole multiple of so many minutes, UTC. */
  | { readonly kind: 'schedule'; readonly everyMinutes: number }
  /** Requests, by the routes of topology/routes.ts that name the function. */
  | { readonly kind: 'route' };

/**
 * A function of the deployed service. lib/ makes a Lambda of it; in one process bin/ makes the same handlers. Each runs as one
 * principal, so what it may do is what topology/keys.ts says of that principal.
 */
export interface FunctionSpec {
  readonly name: string;
  readonly principal: Principal;
  /** File that exports `handler`. */
  readonly entry: string;
  readonly trigger: FunctionTrigger;
  readonly memoryMb: number;
  /** One invocation. Of queues: at most a sixth of the time a received message is hidden. */
  readonly timeoutSeconds: number;
  /** Invocations at a time that nobody else can take from it, and that it cannot exceed. */
  readonly reservedConcurrency: number;
}

/** One processor: from here on more memory makes one thread no faster. */
const ONE_CORE_MB = 1_769;
const HOURLY = { kind: 'schedule', everyMinutes: 60 } as const;
const QUARTER_HOURLY = { kind: 'schedule', everyMinutes: 15 } as const;
const DAILY = { kind: 'schedule', everyMinutes: 24 * 60 } as const;
/** Runs alone, as long as a function may: what is left the next run makes up for. */
const DUTY = { memoryMb: ONE_CORE_MB, timeoutSeconds: 900, reservedConcurrency: 1 } as const;

/** Answers requests at a door. */
const ANSWERING = { trigger: { kind: 'route' }, memoryMb: ONE_CORE_MB, timeoutSeconds: 29 } as const;

export const FUNCTIONS: readonly FunctionSpec[] = [
  {
    name: 'ingest',
    principal: 'ingest',
    entry: 'lambdas/ingest/aws.ts',
    trigger: { kind: 'queue', queues: ['telemetry'] },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 30,
    reservedConcurrency: 20,
  },
  {
    // Handshakes have their own, so that neither a storm of readings nor of people keeps meters from their keys.
    name: 'keys',
    principal: 'keys',
    entry: 'lambdas/keys/aws.ts',
    trigger: { kind: 'queue', queues: ['handshake', 'service'] },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 30,
    reservedConcurrency: 10,
  },
  {
    name: 'project',
    principal: 'project',
    entry: 'lambdas/project/aws.ts',
    trigger: { kind: 'feed' },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 60,
    reservedConcurrency: 20,
  },
  {
    name: 'relay',
    principal: 'relay',
    entry: 'lambdas/relay/aws.ts',
    trigger: { kind: 'feed' },
    memoryMb: 1_024,
    timeoutSeconds: 60,
    reservedConcurrency: 10,
  },
  {
    name: 'log-collect',
    principal: 'log',
    entry: 'lambdas/log-collect/aws.ts',
    trigger: { kind: 'feed' },
    memoryMb: 512,
    timeoutSeconds: 60,
    reservedConcurrency: 10,
  },
  // Gives commits their places in the log: never two at a time.
  {
    name: 'log',
    principal: 'log',
    entry: 'lambdas/log/aws.ts',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    ...DUTY,
    memoryMb: 1_024,
  },
  // Holds the store against the log; it has no key to what is in either.
  { name: 'log-check', principal: 'log-check', entry: 'lambdas/log-check/aws.ts', trigger: HOURLY, ...DUTY },
  {
    name: 'billing',
    principal: 'billing',
    entry: 'lambdas/billing/aws.ts',
    trigger: { kind: 'queue', queues: ['billing'] },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 60,
    reservedConcurrency: 5,
  },
  {
    // Bills get their place in the billing feed one after the other.
    name: 'billing-feed',
    principal: 'billing-api',
    entry: 'lambdas/billing-feed/aws.ts',
    trigger: { kind: 'queue', queues: ['billing-feed'] },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 60,
    reservedConcurrency: 2,
  },
  {
    // Third parties' feeds get their notices; it opens no customer's data.
    name: 'third-party-feed',
    principal: 'third-party-feed',
    entry: 'lambdas/third-party-feed/aws.ts',
    trigger: { kind: 'queue', queues: ['third-party-feed'] },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 60,
    reservedConcurrency: 2,
  },
  { name: 'billing-totals', principal: 'billing-api', entry: 'lambdas/billing-totals/aws.ts', trigger: DAILY, ...DUTY },
  {
    name: 'billing-api',
    principal: 'billing-api',
    entry: 'lambdas/billing-api/aws.ts',
    trigger: { kind: 'route' },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 29,
    reservedConcurrency: 5,
  },
  {
    // Pushes what is new to each audience; it waits for others, so it is small and runs side by side.
    name: 'deliver',
    principal: 'deliver',
    entry: 'lambdas/deliver/aws.ts',
    trigger: { kind: 'queue', queues: ['billing-system', 'operator', 'third-party', 'customer'] },
    memoryMb: 1_024,
    timeoutSeconds: 60,
    reservedConcurrency: 8,
  },
  // Attempts that failed are made again when they are due.
  {
    name: 'redeliver',
    principal: 'deliver',
    entry: 'lambdas/redeliver/aws.ts',
    trigger: { kind: 'schedule', everyMinutes: 1 },
    memoryMb: 1_024,
    timeoutSeconds: 300,
    reservedConcurrency: 1,
  },
  {
    name: 'edit',
    principal: 'editing',
    entry: 'lambdas/edit/aws.ts',
    trigger: { kind: 'route' },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 29,
    reservedConcurrency: 10,
  },
  // Bills that wait for a person: whoever bills rates them.
  { name: 'bill-desk', principal: 'billing', entry: 'lambdas/bill-desk/aws.ts', ...ANSWERING, reservedConcurrency: 2 },
  // The auditor at the console: checks tags with the keys there are, and shows nothing of what it opens.
  { name: 'audit', principal: 'auditor', entry: 'lambdas/audit/aws.ts', ...ANSWERING, reservedConcurrency: 2 },
  // What those who run the service look at; it has no key to anything of a subject.
  { name: 'console-api', principal: 'console-api', entry: 'lambdas/console-api/aws.ts', ...ANSWERING, reservedConcurrency: 5 },
  {
    name: 'operator-api',
    principal: 'operator-api',
    entry: 'lambdas/operator-api/aws.ts',
    trigger: { kind: 'route' },
    memoryMb: ONE_CORE_MB,
    timeoutSeconds: 29,
    reservedConcurrency: 5,
  },
  {
    // Certificates shown for the first time, and devices that left their limits.
    name: 'enrol',
    principal: 'enrol',
    entry: 'lambdas/enrol/aws.ts',
    trigger: { kind: 'notice', queues: ['registrations', 'violations'] },
    memoryMb: 512,
    timeoutSeconds: 30,
    reservedConcurrency: 5,
  },
  { name: 'authorization', principal: 'authorization', entry: 'lambdas/authorization/aws.ts', ...ANSWERING, reservedConcurrency: 10 },
  { name: 'session', principal: 'session', entry: 'lambdas/session/aws.ts', ...ANSWERING, reservedConcurrency: 10 },
  { name: 'third-party-api', principal: 'third-party-api', entry: 'lambdas/third-party-api/aws.ts', ...ANSWERING, reservedConcurrency: 20 },
  { name: 'account-api', principal: 'account-api', entry: 'lambdas/account-api/aws.ts', ...ANSWERING, reservedConcurrency: 10 },
  // Customers' own usage: many small reads, apart from everything that takes data in.
  { name: 'usage-api', principal: 'usage-api', entry: 'lambdas/usage-api/aws.ts', ...ANSWERING, reservedConcurrency: 20 },
  { name: 'sandbox', principal: 'sandbox', entry: 'lambdas/sandbox/aws.ts', ...ANSWERING, memoryMb: 512, reservedConcurrency: 2 },
  { name: 'close-day', principal: 'close-day', entry: 'lambdas/close-day/aws.ts', trigger: HOURLY, ...DUTY, memoryMb: 3_008 },
  { name: 'maintenance', principal: 'maintenance', entry: 'lambdas/maintenance/aws.ts', trigger: HOURLY, ...DUTY },
  // The root that meters trust is offline: this one makes what is to be signed, and puts in force what came back signed.
  { name: 'key-duties', principal: 'operator-cli', entry: 'lambdas/key-duties/aws.ts', trigger: HOURLY, ...DUTY, memoryMb: 512 },
  { name: 'reseal', principal: 'archive', entry: 'lambdas/register/aws.ts', trigger: HOURLY, ...DUTY },
  // A day is due once; the hours make up for what did not run.
  { name: 'reconcile', principal: 'reconcile', entry: 'lambdas/reconcile/aws.ts', trigger: HOURLY, ...DUTY, memoryMb: 3_008 },
  { name: 'retention', principal: 'archive', entry: 'lambdas/retention/aws.ts', trigger: DAILY, ...DUTY },
  { name: 'compositions', principal: 'project', entry: 'lambdas/compositions/aws.ts', trigger: HOURLY, ...DUTY },
  // Read models made anew after a restore; else it finds nothing to do.
  { name: 'refold', principal: 'project', entry: 'lambdas/refold/aws.ts', trigger: QUARTER_HOURLY, ...DUTY },
  { name: 'ems', principal: 'ems', entry: 'lambdas/ems/aws.ts', trigger: QUARTER_HOURLY, ...DUTY },
  { name: 'forecast', principal: 'forecast', entry: 'lambdas/forecast/aws.ts', trigger: HOURLY, ...DUTY },
  { name: 'deidentify', principal: 'deidentify', entry: 'lambdas/deidentify/aws.ts', trigger: DAILY, ...DUTY },
  { name: 'bill-runs', principal: 'billing', entry: 'lambdas/bill-runs/aws.ts', trigger: DAILY, ...DUTY },
  // Ends consents whose time has come; grants, changes and revocations are the customers' doors' to call.
  { name: 'consent', principal: 'consent', entry: 'lambdas/consent/aws.ts', trigger: HOURLY, ...DUTY, memoryMb: 512 },
  // Ends the personal data of customers who asked for it. It destroys keys and can open nothing that lies under them.
  { name: 'erasure', principal: 'erasure', entry: 'lambdas/erasure/aws.ts', trigger: HOURLY, ...DUTY, memoryMb: 1_024 },
  {
    // Signed prices and events, for whoever asks: reads, and signs nothing.
    name: 'price-api',
    principal: 'price-api',
    entry: 'lambdas/price-api/aws.ts',
    trigger: { kind: 'route' },
    memoryMb: 1_024,
    timeoutSeconds: 29,
    reservedConcurrency: 10,
  },
  // Runs as often as the shortest interval; each zone is signed one interval ahead.
  {
    name: 'prices',
    principal: 'prices',
    entry: 'lambdas/prices/aws.ts',
    trigger: { kind: 'schedule', everyMinutes: 5 },
    ...DUTY,
    timeoutSeconds: 240,
  },
];
