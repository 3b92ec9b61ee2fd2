import { Service } from '../bin/service/service.ts';
import { INGEST_LIMITS } from '../lambdas/ingest/limits.ts';
import { answering } from './ipc.ts';

/** The service alone in a process: what the whole-service benchmark loads and weighs. */
export type ServiceRequest =
  | { readonly type: 'boot'; readonly stateDir: string; readonly now: number; readonly keyObjects: number }
  /** Answers when every queue is empty and no handler works. */
  | { readonly type: 'recorded' }
  | { readonly type: 'weigh' };

export type ServiceAnswer =
  | { readonly type: 'booted'; readonly url: string; readonly ca: string }
  | { readonly type: 'recorded'; readonly at: number }
  | { readonly type: 'weighed'; readonly peakRss: number; readonly rss: number; readonly cpuSeconds: number };

let service: Service | undefined;
let peakRss = 0;
setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}, 100).unref();

async function handle(request: ServiceRequest): Promise<ServiceAnswer> {
  if (request.type === 'boot') {
    const clock = { now: () => request.now };
    const connectionLimits = { publishesPerSecond: Number.POSITIVE_INFINITY, bytesPerSecond: Number.POSITIVE_INFINITY };
    service = await Service.boot({
      stateDir: request.stateDir,
      clock,
      timer: false,
      limits: { ...INGEST_LIMITS, keyObjects: request.keyObjects },
      connectionLimits,
    });
    return { type: 'booted', url: service.platform.broker.url, ca: service.platform.ca.rootPem };
  }
  if (request.type === 'recorded') {
    await service!.platform.host.drain();
    return { type: 'recorded', at: Date.now() };
  }
  const { user, system } = process.cpuUsage();
  return { type: 'weighed', peakRss, rss: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
}

answering(handle);
process.on('disconnect', () => {
  void service?.close().finally(() => process.exit(0));
});
