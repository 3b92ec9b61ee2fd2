import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Log, LogFields } from '../ports/platform.ts';
import { writtenFields, writtenMessage } from '../store/log-fields.ts';

/** Level, time, service, message and the fields: no event, no context, no stack, which quote what was sent. */
class BareFormatter extends LogFormatter {
  formatAttributes({ logLevel, timestamp, serviceName, message }: UnformattedAttributes, given: LogAttributes): LogItem {
    return new LogItem({
      attributes: { level: logLevel, time: this.formatTimestamp(timestamp), service: serviceName, message },
    }).addAttributes(given);
  }
}

/** A log in JSON lines for CloudWatch. Only allow-listed fields get through, of their type and cut to length, whatever is handed over. */
export class PowertoolsLog implements Log {
  readonly #logger: Logger;

  constructor(service: string) {
    this.#logger = new Logger({ serviceName: service, logFormatter: new BareFormatter() });
  }

  info(message: string, fields?: LogFields): void {
    this.#logger.info(writtenMessage(message), writtenFields(fields));
  }

  warn(message: string, fields?: LogFields): void {
    this.#logger.warn(writtenMessage(message), writtenFields(fields));
  }

  error(message: string, fields?: LogFields): void {
    this.#logger.error(writtenMessage(message), writtenFields(fields));
  }
}
