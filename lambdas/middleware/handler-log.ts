import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Log } from '../../platform/ports/platform.ts';
import { allowListed } from './allow-listed.ts';

/** Level, time, service, message and what the caller gave: no event, no context, no stack, which quote what was sent. */
class BareFormatter extends LogFormatter {
  formatAttributes({ logLevel, timestamp, serviceName, message }: UnformattedAttributes, given: LogAttributes): LogItem {
    return new LogItem({
      attributes: { level: logLevel, time: this.formatTimestamp(timestamp), service: serviceName, message },
    }).addAttributes(given);
  }
}

/** The log of a handler, fields on the allow-list only: one JSON line each in Lambda, the platform's own log elsewhere. */
export function handlerLog(service: string, platform: { log: Log }): Log {
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] === undefined) return allowListed(platform.log);
  const logger = new Logger({ serviceName: service, logFormatter: new BareFormatter() });
  return allowListed({
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
    error: (message, fields) => logger.error(message, { ...fields }),
  });
}
