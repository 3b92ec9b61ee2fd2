/**
 * What is deployed where, in this one list: a lane takes the stacks that its emulator can carry. The app is given to the CDK
 * with the stage `dev`.
 */
export const DEPLOYED = {
  app: 'test/lanes/proof/app.ts',
  /** State: keys, tables, queues, objects, the bus. */
  localstack: ['joulekeep-proof-state'],
  /** Wiring: what the gateway's rules, queues and functions need. */
  cloud: ['joulekeep-proof-state', 'joulekeep-proof-wiring'],
} as const;
