import { describe, expect, it } from 'vitest';
import { rateOf } from '../../web/console/model/calls.ts';
import { verifyFamilies, type Walk, type WalkTools } from '../../web/console/model/verification.ts';
import type { ApiCall, Caller, Reply } from '../../web/shared/session.ts';
import { refusal, serviceOf } from './support.ts';

const RATE = rateOf('verifyStreams');
const FAULT = { stream: 'meter/1', version: 3, fault: 'altered' };
const page = (streams: number, more: { cursor?: string; faults?: (typeof FAULT)[] } = {}): Reply<unknown> => ({
  ok: true,
  body: { streams, commits: streams * 2, faults: [], ...more },
});
const isRequest = ({ path }: ApiCall) => path.endsWith('/verification-requests');
/** A service that puts on record who verifies, and answers pieces of work so. @param count of those pieces */
function verifying(answer: (call: ApiCall, count: number) => Reply<unknown>) {
  let count = 0;
  return serviceOf((call) => (isRequest(call) ? { ok: true, body: { until: '2026-01-15T14:00:00.000Z' } } : answer(call, ++count)));
}
const pieces = ({ calls }: { readonly calls: readonly ApiCall[] }) => calls.filter((call) => !isRequest(call));
const bodyOf = ({ body }: ApiCall) => body as { prefix: string; cursor?: string };

function toolsOf(requests: Caller, stopped = () => false): WalkTools & { readonly walks: Walk[]; readonly pauses: number[] } {
  const [walks, pauses]: [Walk[], number[]] = [[], []];
  return { requests, walks, pauses, stopped, pause: async (ms) => void pauses.push(ms), onProgress: (walk) => void walks.push(walk) };
}

describe('verifying the streams', () => {
  it('follows every cursor of every family, and passes only then', async () => {
    const service = verifying((call) =>
      bodyOf(call).prefix === 'meter/' && bodyOf(call).cursor === undefined ? page(200, { cursor: 'c.1' }) : page(7),
    );
    const tools = toolsOf(service);
    const { walk, verdict } = await verifyFamilies(tools, ['meter/', 'bill/']);
    expect(pieces(service).map(bodyOf)).toEqual([{ prefix: 'meter/' }, { prefix: 'meter/', cursor: 'c.1' }, { prefix: 'bill/' }]);
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

  it('says first who verifies, and reads nothing where that is refused', async () => {
    const service = verifying(() => page(1));
    await verifyFamilies(toolsOf(service), ['meter/']);
    expect(service.calls.map(isRequest)).toEqual([true, false]);
    const refusing = serviceOf(() => refusal(403));
    const { verdict, refusal: told } = await verifyFamilies(toolsOf(refusing), ['meter/']);
    expect([verdict, told?.status, refusing.calls.length]).toEqual(['cut-short', 403, 1]);
  });

  it('keeps every fault, and goes on behind it', async () => {
    const service = verifying((_, count) => (count === 1 ? page(3, { faults: [FAULT] }) : page(4)));
    const { walk, verdict } = await verifyFamilies(toolsOf(service), ['meter/', 'bill/']);
    expect({ verdict, faults: walk.faults, streams: walk.streams }).toEqual({ verdict: 'faulty', faults: [FAULT], streams: 7 });
  });

  it('does not pass on nothing', async () => {
    const { verdict } = await verifyFamilies(toolsOf(verifying(() => page(0))), ['meter/']);
    expect(verdict).toBe('empty');
  });

  it('does not pass when it is refused half way', async () => {
    const service = verifying((_, count) => (count === 1 ? page(5) : refusal(503)));
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
      verifying(() => page(5)),
      () => stopped,
    );
    const end = await verifyFamilies({ ...tools, onProgress: stop }, ['meter/', 'bill/']);
    expect(end.verdict).toBe('cut-short');
  });

  it('waits as long as the service says where it asks for slower requests, else as long as its rate says', async () => {
    const slower = [{ ...refusal(429), retryAfterSeconds: 17 }, refusal(429), { ...refusal(429), retryAfterSeconds: 0 }] as const;
    const tools = toolsOf(verifying((_, count) => slower[count - 1] ?? page(5)));
    const { verdict } = await verifyFamilies(tools, ['meter/']);
    expect([verdict, tools.pauses]).toEqual(['whole', [17_000, 60_000 / RATE.perMinute, 0]]);
  });

  it('asks no more at once, and no more a minute, than the route lets one caller', async () => {
    let [now, spare, refused] = [0, RATE.burst, 0];
    const service = verifying((_, count) => {
      if (spare < 1) refused++;
      spare--;
      return page(200, count < 50 ? { cursor: `c.${count}` } : {});
    });
    const pause = async (ms: number) => {
      now += ms;
      spare = Math.min(RATE.burst, spare + (ms * RATE.perMinute) / 60_000);
    };
    const { verdict, walk } = await verifyFamilies({ ...toolsOf(service), pause }, ['meter/']);
    expect({ verdict, streams: walk.streams, refused }).toEqual({ verdict: 'whole', streams: 10_000, refused: 0 });
    expect(now).toBeLessThanOrEqual((60_000 * 50) / RATE.perMinute);
  });

  it('asks nothing more when it is stopped while it waits', async () => {
    let stopped = false;
    const service = verifying(() => refusal(429));
    const pause = async () => {
      stopped = true;
    };
    const end = await verifyFamilies({ ...toolsOf(service, () => stopped), pause }, ['meter/']);
    expect([end.verdict, pieces(service).length]).toEqual(['cut-short', 1]);
  });
});
