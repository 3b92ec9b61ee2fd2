import { WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { FEEDS, LOG_FEED } from '../../topology/feeds.ts';
import { FAILED_POSITIONS, QUEUES } from '../../topology/queues.ts';
import { broken, figures, latencyOf, type Outcome } from './outcome.ts';
import { Stage, type Theatre } from './stage.ts';

const FRAMES_PER_SECOND = 250;
const SECONDS = 8;
const SPEED = 60;
const WITHIN = 2;
const POISON = 'chaos-poison';
/** Streams whose name no handler survives: at least one of every feed. */
export const POISONED = [`segment/${POISON}`, `meterday/${POISON}/2026-01-15`, `feed/operator/${POISON}`];
/**
 * What must be set aside, and nothing else: the first commit of each of these streams, by every feed of its own that reads what is recorded. The log
 * reads names and hashes, to which nothing in a commit is poison: it has them in their places.
 */
export const POISON_ASIDE: readonly string[] = FEEDS.filter((feed) => feed !== LOG_FEED).flatMap(({ name, streams }) =>
  POISONED.filter((stream) => streams.some((prefix) => stream.startsWith(prefix))).map((stream) => `${name} ${stream} 0`),
);
const READ = QUEUES.filter(({ name }) => name !== FAILED_POSITIONS);

/** Every queue gets a message, every feed a record, that no handler survives, and every other schedule fails whenever it runs. */
export async function poison(theatre: Theatre, scenario: string): Promise<Outcome> {
  // A minute is a second: what is tried again for a quarter of an hour is so for fifteen of them.
  const stage = await Stage.open(theatre, scenario, { speed: SPEED, poison: POISON, schedules: 'all' });
  try {
    const devices = await stage.devices(1, 20);
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    // Most schedules run when the hour is full: with the poison.
    await stage.align(60 - SECONDS - 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, SECONDS);
    await stage.service.ask({ type: 'send', messages: READ.map(({ name: queue }) => ({ queue, body: POISON })) }, 'done');
    for (const stream of POISONED) await stage.service.ask({ type: 'record', stream }, 'done');
    const during = await stage.send(devices, FRAMES_PER_SECOND, SECONDS);
    const drained = await stage.drained(90);
    const standing = await stage.standing();
    const { streams: logged } = await stage.service.ask({ type: 'leaves', streams: POISONED }, 'leaves');
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted, SPEED), during: latencyOf(during, counted, SPEED) };
    const dead = Object.fromEntries(READ.map(({ name }) => [name, 1]));
    const faults = broken(counted, standing, drained, { dead, aside: POISON_ASIDE, within: WITHIN }, latencies);
    for (const stream of POISONED) if (!logged.includes(stream)) faults.push(`the log has no place for ${stream}`);
    if (standing.failedSchedules.length === 0) faults.push('no schedule failed: nothing was tried');
    const done = `${READ.length} queues, ${FEEDS.length - 1} feeds and ${new Set(standing.failedSchedules).size} schedules; each record alone in its dead letters, and in the log`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    await stage.close();
  }
}

const HOURS_DOWN = 24;
const ITEMS_EACH = 4;
const FEED = 'operator/area-demand';

/** The grid operator's receiver answers nothing for a day of the set clock, while its feed grows; then it is there again. */
export async function receiverDown(theatre: Theatre, scenario: string): Promise<Outcome> {
  const stage = await Stage.open(theatre, scenario, { schedules: ['redeliver'] });
  const receiver = await WebhookReceiver.open(stage.served.server);
  try {
    const devices = await stage.devices(1, 20);
    await stage.service.ask({ type: 'subscribe', feed: FEED, port: receiver.port }, 'done');
    await stage.service.ask({ type: 'issue', feed: FEED, count: ITEMS_EACH }, 'done');
    await stage.send(devices, FRAMES_PER_SECOND, 2);
    const before = await stage.send(devices, FRAMES_PER_SECOND, SECONDS);
    receiver.answers = 503;
    for (let hour = 0; hour < HOURS_DOWN; hour++) {
      await stage.service.ask({ type: 'issue', feed: FEED, count: ITEMS_EACH }, 'done');
      await stage.service.ask({ type: 'jump', by: 3_600_000, run: true }, 'done');
    }
    // The clock goes back to the devices' for them: what is measured of them is the time they wait.
    await stage.service.ask({ type: 'jump', by: -HOURS_DOWN * 3_600_000, run: false }, 'done');
    const during = await stage.send(devices, FRAMES_PER_SECOND, SECONDS);
    await stage.service.ask({ type: 'jump', by: HOURS_DOWN * 3_600_000, run: false }, 'done');
    const missed = HOURS_DOWN * ITEMS_EACH;
    const heldBack = receiver.taken.length;
    receiver.answers = 204;
    for (let minutes = 0; minutes < 12 * 60 && receiver.taken.length < missed + ITEMS_EACH; minutes += 30)
      await stage.service.ask({ type: 'jump', by: 30 * 60_000, run: true }, 'done');
    const drained = await stage.drained();
    const standing = await stage.standing();
    const counted = await stage.count();
    const latencies = { before: latencyOf(before, counted), during: latencyOf(during, counted) };
    const faults = broken(counted, standing, drained, { within: WITHIN }, latencies);
    const taken = receiver.taken.map(({ body }) => Number(body.toString().split('.')[1]));
    const inOrder = taken.every((seq, i) => seq === i + 1);
    if (heldBack > ITEMS_EACH) faults.push('the receiver was not down');
    if (taken.length !== missed + ITEMS_EACH || !inOrder)
      faults.push(`${taken.length} of ${missed + ITEMS_EACH} items arrived, ${inOrder ? 'in' : 'out of'} order`);
    const done = `${HOURS_DOWN} h of 503 by the set clock; ${taken.length} items arrived once each, in order`;
    return { scenario, done, ...figures(counted), ...latencies, drained, broken: faults };
  } finally {
    receiver.close();
    await stage.close();
  }
}
