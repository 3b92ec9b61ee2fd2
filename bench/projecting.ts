import { makeIngest } from '../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { makeProject } from '../lambdas/project/handler.ts';
import { lambdaContext, sqsEvent } from '../test/support/sqs.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { onPlatform } from './durable-ingest.ts';
import { atMost, median, type Result } from './measure.ts';
import { enrolled, HOUR, hourOfMessages, PER_EVENT, START } from './sealed-load.ts';

/** The first hours load keys and fold what enrolment wrote. */
const WARM_UP = 2;

/** Frames of 4 readings from the durable commit to the read models, the feed included: processor time of the process. */
export async function projecting(meters: number, hours: number): Promise<Result[]> {
  return onPlatform(async (platform, clock) => {
    const groups = await enrolled((principal) => platform.as(principal), meters);
    const ingest = makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
    const feeds = { project: makeProject(platform.as('project'), ALL_DEFENCES) };
    const spent: number[] = [];
    for (let hour = 1; hour <= hours + WARM_UP; hour++) {
      clock.at = START + hour * HOUR;
      const bodies = hourOfMessages(groups, hour);
      for (let from = 0; from < bodies.length; from += PER_EVENT)
        await ingest(sqsEvent('telemetry', bodies.slice(from, from + PER_EVENT)), lambdaContext('ingest'));
      const before = process.cpuUsage();
      await platform.host.start({ queues: {}, feeds });
      await platform.host.drain();
      await platform.host.stop();
      const { user, system } = process.cpuUsage(before);
      if (hour > WARM_UP) spent.push((user + system) / meters);
    }
    return [atMost(`projecting, ${meters.toLocaleString('en')} meters`, median(spent), 'us/frame', 5)];
  });
}
