import { readFileSync, rmSync } from 'node:fs';
import { makeIngest } from '../lambdas/ingest/handler.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { createEmbeddedPlatform, type Embedded } from '../platform/embedded/platform.ts';
import { lambdaContext, sqsEvent } from '../test/support/sqs.ts';
import { ALL_DEFENCES } from '../topology/defences.ts';
import { answering } from './ipc.ts';
import { HOUR, hourFile, PER_EVENT, START } from './sealed-load.ts';

/** The ingest handler on an embedded platform, in a process that does and holds nothing else. */
export type IngestRequest =
  | { readonly type: 'open'; readonly stateDir: string; readonly folder: string }
  /** Takes the hours `from` to `to`, both included, and removes their files. */
  | { readonly type: 'take'; readonly from: number; readonly to: number }
  | { readonly type: 'close' };

export type IngestAnswer =
  | { readonly type: 'opened' }
  /** Milliseconds inside the handler: by the clock, and of the thread's processor time. */
  | { readonly type: 'taken'; readonly elapsed: number; readonly processor: number }
  | { readonly type: 'closed' };

const clock = { at: START };
let folder = '';
let platform: Embedded | undefined;
let handler: ReturnType<typeof makeIngest> | undefined;

async function handle(request: IngestRequest): Promise<IngestAnswer> {
  if (request.type === 'open') {
    folder = request.folder;
    platform = await createEmbeddedPlatform({ stateDir: request.stateDir, clock: { now: () => clock.at }, timer: false });
    handler = makeIngest(platform.as('ingest'), ALL_DEFENCES, { limits: INGEST_LIMITS });
    return { type: 'opened' };
  }
  if (request.type === 'close') {
    await platform!.close();
    return { type: 'closed' };
  }
  const spent = { elapsed: 0, processor: 0 };
  for (let hour = request.from; hour <= request.to; hour++) {
    clock.at = START + hour * HOUR;
    const lines = linesOf(readFileSync(hourFile(folder, hour)));
    rmSync(hourFile(folder, hour));
    for (let from = 0; from < lines.length; from += PER_EVENT) {
      const bodies = lines.slice(from, from + PER_EVENT).map((line) => line.toString('latin1'));
      const { elapsed, processor } = await timed(bodies);
      spent.elapsed += elapsed;
      spent.processor += processor;
    }
  }
  return { type: 'taken', ...spent };
}

/** Reading the file and making strings of it is not the handler's work. */
async function timed(bodies: readonly string[]): Promise<{ elapsed: number; processor: number }> {
  const event = sqsEvent('telemetry', bodies);
  const before = process.threadCpuUsage();
  const started = performance.now();
  const response = await handler!(event, lambdaContext('ingest'));
  const elapsed = performance.now() - started;
  const { user, system } = process.threadCpuUsage(before);
  if (response.batchItemFailures.length > 0) throw new Error('benchmark: a batch failed');
  return { elapsed, processor: (user + system) / 1000 };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}

answering(handle);
