/**
 * What is deployed where, in this one list: a lane takes the stacks of lib/joulekeep.ts that its emulator can carry. The app is given
 * to the CDK with the stage `dev`.
 */
export const DEPLOYED = {
  app: 'bin/app.ts',
  /** State: keys, tables, queues, objects, the bus. */
  localstack: ['keys', 'data', 'gateway', 'audiences'],
  /** Wiring: what the gateway's rules, queues and functions need. */
  cloud: ['keys', 'data', 'gateway', 'audiences', 'services'],
} as const;
