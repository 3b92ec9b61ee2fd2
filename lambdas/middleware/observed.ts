import type { MiddlewareObj } from '@middy/core';
import { codeOf } from '../../events/errors.ts';
import type { Clock, Log } from '../../platform/ports/platform.ts';
import type { Counters } from './counters.ts';

/** One log line and one set of metrics per invocation; the line says how long it took, never what was in it. */
export function observed(service: string, platform: { clock: Clock; log: Log }, counters: Counters): MiddlewareObj {
  const started = new WeakMap<object, number>();
  return {
    before: (request) => {
      started.set(request.context, platform.clock.now());
    },
    after: (request) => {
      const milliseconds = platform.clock.now() - (started.get(request.context) ?? platform.clock.now());
      platform.log.info(`${service} done`, { milliseconds, requestId: request.context.awsRequestId });
      counters.publish();
    },
    onError: (request) => {
      platform.log.error(`${service} failed`, { code: codeOf(request.error), requestId: request.context.awsRequestId });
      counters.publish();
    },
  };
}
