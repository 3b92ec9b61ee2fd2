import { describe, expect, it } from 'vitest';
import type { ApiCall, Reply, Requests } from '../../web/console/model/calls.ts';
import { verifyFamilies, type Walk, type WalkTools } from '../../web/console/model/verification.ts';
import { refusal, serviceOf } from './support.ts';

const FAULT = { stream: 'meter/1', version: 3, fault: 'altered' };
const page = (streams: number, more: { cursor?: string; faults?: (typeof FAULT)[] } = {}): Reply<unknown> => ({
  ok: true,
  body: { streams, commits: streams * 2, faults: [], ...more },
});
const bodyOf = ({ body }: ApiCall) => body as { prefix: string; cursor?: string };

function toolsOf(requests: Requests, stopped = () => false): WalkTools & { readonly walks: Walk[]; readonly pauses: number[] } {
  const [walks, pauses]: [Walk[], number[]] = [[], []];
  return { requests, walks, pauses, stopped, pause: async (ms) => void pauses.push(ms), onProgress: (walk) => void walks.push(walk) };
}

describe('verifying the streams', () => {
  it('follows every cursor of every family, and passes only then', async () => {
    const service = serviceOf((call) =>
      bodyOf(call).prefix === 'meter/' && bodyOf(call).cursor === undefined ? page(200, { cursor: 'c.1' }) : page(7),
    );
    const tools = toolsOf(service);
    const { walk, verdict } = await verifyFamilies(tools, ['meter/', 'bill/']);
    expect(service.calls.map(bodyOf)).toEqual([{ prefix: 'meter/' }, { prefix: 'meter/', cursor: 'c.1' }, { prefix: 'bill/' }]);
    expect({ verdict, streams: walk.streams, commits: walk.commits, families: walk.families }).toEqual({
      verdict: 'whole',
      streams: 214,
      commits: 428,
      families: 2,
    });
    expect(tools.walks.map(({ family, families }) => [family, families])).toEqual([
      ['meter/', 0],
      ['bill/', 1],
      [undefined, 2],
    ]);
  });

  it('keeps every fault, and goes on behind it', async () => {
    const service = serviceOf((_, count) => (count === 1 ? page(3, { faults: [FAULT] }) : page(4)));
    const { walk, verdict } = await verifyFamilies(toolsOf(service), ['meter/', 'bill/']);
    expect({ verdict, faults: walk.faults, streams: walk.streams }).toEqual({ verdict: 'faulty', faults: [FAULT], streams: 7 });
  });

  it('does not pass on nothing', async () => {
    const { verdict } = await verifyFamilies(toolsOf(serviceOf(() => page(0))), ['meter/']);
    expect(verdict).toBe('empty');
  });

  it('does not pass when it is refused half way', async () => {
    const service = serviceOf((_, count) => (count === 1 ? page(5) : refusal(503)));
    const end = await verifyFamilies(toolsOf(service), ['meter/', 'bill/']);
    expect(end.verdict).toBe('cut-short');
    expect(end.refusal?.status).toBe(503);
  });

  it('does not pass when it is stopped', async () => {
    let stopped = false;
    const stop = () => {
      stopped = true;
    };
    const tools = toolsOf(
      serviceOf(() => page(5)),
      () => stopped,
    );
    const end = await verifyFamilies({ ...tools, onProgress: stop }, ['meter/', 'bill/']);
    expect(end.verdict).toBe('cut-short');
  });

  it('waits where the service asks for slower requests', async () => {
    const service = serviceOf((_, count) => (count < 3 ? refusal(429) : page(5)));
    const tools = toolsOf(service);
    const { verdict } = await verifyFamilies(tools, ['meter/']);
    expect([verdict, tools.pauses]).toEqual(['whole', [3_000, 3_000]]);
  });
});
