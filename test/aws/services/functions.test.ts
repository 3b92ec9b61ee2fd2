import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handlersOn } from '../../../bin/service/handlers.ts';
import { INGEST_LIMITS } from '../../../lambdas/ingest/limits.ts';
import { awsEnvironment } from '../../../platform/aws/environment.ts';
import { createEmbeddedPlatform } from '../../../platform/embedded/platform.ts';
import { FEEDS, LOG_FEED } from '../../../topology/feeds.ts';
import { FUNCTIONS } from '../../../topology/functions.ts';
import { API_LIMITS } from '../../../topology/limits.ts';
import { FAILED_POSITIONS, NOTICE_QUEUES, QUEUES } from '../../../topology/queues.ts';
import { ROUTES } from '../../../topology/routes.ts';
import { discard, temporaryDirectory } from '../../contract/support/state.ts';
import { ManualClock } from '../../support/memory-platform.ts';

const ROOT = join(import.meta.dirname, '../../..');
const of = (kind: string) => FUNCTIONS.filter(({ trigger }) => trigger.kind === kind);
const queuesTaken = FUNCTIONS.flatMap(({ trigger }) => (trigger.kind === 'queue' ? trigger.queues : []));

describe('the functions of the deployed service', () => {
  it('have one name each, and an entry that makes the handler as the function’s principal', () => {
    expect(new Set(FUNCTIONS.map(({ name }) => name)).size).toBe(FUNCTIONS.length);
    for (const { name, entry, principal } of FUNCTIONS) {
      const text = readFileSync(join(ROOT, entry), 'utf8');
      expect(text, entry).toMatch(/^export const handler = make\w+\(/m);
      // Whoever answers requests is handed those of a load balancer.
      if (ROUTES.some((route) => route.function === name && (route.door as string) !== 'customer'))
        expect(text, entry).toContain(`= makeDoorHandler('${name}', `);
      // What counts every try must not be handed what is not the record's fault; the log's feed hands back nothing else.
      if (FEEDS.some((feed) => feed.function === name && feed !== LOG_FEED)) expect(text, entry).toContain(`= makePatient('${name}', `);
      // Its door has a clock and a log; what answers in the sandbox gets nothing of the platform.
      if (principal === 'sandbox') expect(text).toContain('() => makeSandbox()');
      expect([...text.matchAll(/aws(?:Platform|KeyClockwork|PendingCertificates)\('([a-z-]+)'\)/g)].map(([, named]) => named)).toContain(
        principal,
      );
      expect(text.replaceAll(`'${principal}'`, ''), entry).not.toMatch(/aws(?:Platform|KeyClockwork|PendingCertificates)\('/);
    }
  });

  it('are all the entries there are', () => {
    const folders = readdirSync(join(ROOT, 'lambdas'));
    const entries = folders.filter((folder) => readdirSync(join(ROOT, 'lambdas', folder)).includes('aws.ts'));
    // Files of the console are no route's: lib/ makes their function beside the door.
    const wanted = [...FUNCTIONS.map(({ entry }) => entry), 'lambdas/console-site/aws.ts'];
    expect(entries.map((folder) => `lambdas/${folder}/aws.ts`).sort()).toEqual(wanted.sort());
  });

  it('are those that run in one process, on the same queues, feeds and schedules', async () => {
    const stateDir = temporaryDirectory();
    const embedded = await createEmbeddedPlatform({ stateDir, clock: new ManualClock(Date.UTC(2026, 0, 15)) });
    const { queues, feeds = {}, schedules = [] } = handlersOn(embedded, INGEST_LIMITS);
    await embedded.close();
    discard(stateDir);
    expect([...queuesTaken].sort()).toEqual(Object.keys(queues).sort());
    expect(of('feed').map(({ name }) => name)).toEqual(Object.keys(feeds));
    const duties = of('schedule').map(({ name, trigger }) => [name, trigger.kind === 'schedule' && trigger.everyMinutes]);
    expect(duties.sort()).toEqual(schedules.map(({ name, everyMinutes }) => [name, everyMinutes]).sort());
  });

  it('take every queue, feed and route of the topology', () => {
    expect([...queuesTaken, FAILED_POSITIONS].sort()).toEqual(QUEUES.map(({ name }) => name).sort());
    expect(of('feed').map(({ name }) => name)).toEqual([...new Set(FEEDS.map((feed) => feed.function))]);
    const notices = FUNCTIONS.flatMap(({ trigger }) => (trigger.kind === 'notice' ? trigger.queues : []));
    expect(notices).toEqual(NOTICE_QUEUES.map(({ name }) => name));
    const routed: ReadonlySet<string> = new Set(ROUTES.map((route) => route.function));
    expect(
      of('route')
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...routed].sort());
  });

  it('end in time for whoever invokes them, with room for all invocations at a time', () => {
    for (const { name, trigger, timeoutSeconds, reservedConcurrency } of FUNCTIONS) {
      const taken: readonly string[] = trigger.kind === 'queue' || trigger.kind === 'notice' ? trigger.queues : [];
      const queues = [...QUEUES, ...NOTICE_QUEUES].filter((queue) => taken.includes(queue.name));
      for (const { visibilitySeconds } of queues) expect(timeoutSeconds * 6, name).toBeLessThanOrEqual(visibilitySeconds);
      const feeds = FEEDS.filter((feed) => feed.function === name);
      for (const feed of feeds) expect(timeoutSeconds, name).toBe(feed.timeoutSeconds);
      const atOnce = [...queues.map(({ concurrency }) => concurrency), ...feeds.map(({ parallelization }) => parallelization)];
      expect(reservedConcurrency, name).toBeGreaterThanOrEqual(atOnce.reduce((sum, one) => sum + one, 1));
      if (trigger.kind === 'route') expect(timeoutSeconds * 1_000).toBeLessThanOrEqual(API_LIMITS.answerWithinMs);
      if (trigger.kind === 'schedule') expect(reservedConcurrency, name).toBe(1);
    }
  });
});

describe('the environment of a function', () => {
  const variables = { JOULEKEEP_STAGE: 'dev', JOULEKEEP_PRINCIPAL: 'ingest', JOULEKEEP_BUCKET: 'b' };

  it('names stage, principal and bucket', () => {
    expect(awsEnvironment('ingest', variables)).toEqual({ stage: 'dev', principal: 'ingest', bucket: 'b', service: 'ingest' });
    const inLambda = { ...variables, AWS_LAMBDA_FUNCTION_NAME: 'joulekeep-dev-ingest', JOULEKEEP_AWS_ENDPOINT: 'http://127.0.0.1:1' };
    expect(awsEnvironment('ingest', inLambda)).toMatchObject({ service: 'ingest', endpoint: 'http://127.0.0.1:1' });
  });

  it.each(['JOULEKEEP_STAGE', 'JOULEKEEP_PRINCIPAL', 'JOULEKEEP_BUCKET'])('without %s is refused by its name', (name) => {
    const refused = expect.objectContaining({ code: 'ERR_ENVIRONMENT', message: expect.stringContaining(name) });
    expect(() => awsEnvironment('ingest', { ...variables, [name]: undefined })).toThrow(refused);
  });

  it('of another principal is refused: the code would run with rights that are not its own', () => {
    expect(() => awsEnvironment('keys', variables)).toThrow(expect.objectContaining({ code: 'ERR_ENVIRONMENT' }));
  });
});
