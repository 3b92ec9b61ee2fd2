import { expect, it } from 'vitest';
import { moveMeter } from '../../lambdas/maintenance/move-meter.ts';
import { Segments } from '../../lambdas/shared/segments.ts';
import { IngestWorld, START } from '../ingest/ingest-world.ts';
import { QUARTER_MS } from '../support/sealed-town.ts';
import { Dice, Life, mortal } from './mortal.ts';

const HOUR = 4 * QUARTER_MS;

it('ingest, keys and a mover write to the same segments at once: no frame lost, no sequence number given twice', async () => {
  const w = await IngestWorld.make({ meters: 8, segmentSize: 4 });
  const { meterId } = w.town[0]!;
  const keys = [5, 6].map((seed) => new Segments(mortal(w.world.as('keys'), new Life(new Dice(seed)))));
  const sealed: number[] = [];
  const seal = (dnSeq: number) => Buffer.from([dnSeq]);
  for (let hour = 1; hour <= 12; hour++) {
    const at = START + hour * HOUR;
    const home = hour % 2 === 0 ? '00001' : '00000';
    const issue = (segments: Segments) =>
      segments.execute(home, { type: 'IssueDownlink', meterId, dcId: 'one', kind: 'time', seal, at }).then(
        () => sealed.push(hour),
        (error: unknown) => expect(error).toMatchObject({ code: 'ERR_NOT_A_MEMBER' }),
      );
    await Promise.all([
      w.deliver(
        w.town.slice(0, 4).map((meter) => meter.reading(at, [1, 2, 3, hour])),
        'one',
        at,
      ),
      ...keys.flatMap((segments) => [issue(segments), issue(segments)]),
      w.deliver(
        w.town.slice(4).map((meter) => meter.reading(at, [1, 2, 3, hour])),
        'two',
        at,
      ),
    ]);
    await moveMeter(w.world.as('maintenance'), meterId, hour % 2 === 0 ? '00000' : '00001');
  }
  expect(sealed).toHaveLength(48);
  const numbers: number[] = [];
  for (const event of await w.events('segment/')) {
    if (event.type === 'DownlinksIssued')
      for (const message of event.data.messages) if (message.meterId === meterId) numbers.push(message.dnSeq);
  }
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from(numbers, (_, i) => i + 1));
  expect(numbers.length).toBeGreaterThan(48);
  expect(await w.tally()).toMatchObject({ accepted: 96, duplicate: 0, quarantined: 0 });
}, 30_000);
