import { describe, expect, it } from 'vitest';
import { DEPLOYED } from '../../../tools/lanes/stacks.ts';
import { FEEDS } from '../../../topology/feeds.ts';
import { FUNCTIONS } from '../../../topology/functions.ts';
import { resourceName } from '../../../topology/names.ts';
import { type Mapping, MiniStack } from '../../acceptance/cloud/mini-stack.ts';

const STAGE = 'dev';
const emulator = new MiniStack(process.env['JOULEKEEP_AWS_ENDPOINT'] ?? '');

/** Last part of the name of whatever it is the ARN of. */
function named(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

describe('MiniStack after cdk deploy', () => {
  it('has every stack of the lane complete', async () => {
    const statuses = await Promise.all(DEPLOYED.cloud.map((name) => emulator.stackStatus(resourceName(STAGE, name))));
    expect(statuses).toEqual(DEPLOYED.cloud.map(() => 'CREATE_COMPLETE'));
  });

  it('has every function, for Node 24', async () => {
    const deployed = new Map((await emulator.functions()).map(({ FunctionName, Runtime }) => [FunctionName, Runtime]));
    expect(FUNCTIONS.length).toBeGreaterThan(10);
    for (const { name } of FUNCTIONS) expect(deployed.get(resourceName(STAGE, name)), name).toBe('nodejs24.x');
  });

  it('leads every queue to its function', async () => {
    const mappings = await emulator.mappings();
    for (const { name, trigger } of FUNCTIONS) {
      const sources = mappings.filter(
        (mapping) => named(mapping.FunctionArn) === resourceName(STAGE, name) && mapping.Behind === undefined,
      );
      const wanted = trigger.kind === 'queue' ? trigger.queues.map((queue) => resourceName(STAGE, queue)) : [];
      expect(sources.map(({ EventSourceArn }) => named(EventSourceArn)).sort(), name).toEqual([...wanted].sort());
    }
  });

  it('leads commits to the functions that follow them, each with its streams alone', async () => {
    const followers = (await emulator.mappings()).filter(({ Behind }) => Behind !== undefined);
    const told = (mapping: Mapping) => [
      named(mapping.FunctionArn),
      mapping.FilterCriteria?.Filters.map(({ Pattern }) => JSON.parse(Pattern)),
    ];
    const wanted = FEEDS.map((feed) => [
      resourceName(STAGE, feed.function),
      [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: feed.streams.map((prefix) => ({ prefix })) } } } }],
    ]);
    expect(followers.map(told)).toEqual(expect.arrayContaining(wanted));
    expect(followers).toHaveLength(FEEDS.length);
  });
});
