import type { Log, LogFields } from '../../platform/ports/platform.ts';

const ALLOWED: readonly (keyof LogFields)[] = ['code', 'count', 'queue', 'stream', 'reason', 'milliseconds', 'requestId'];

/** A log that passes on the fields it knows and nothing else, whatever a caller hands it at run time. */
export function allowListed(log: Log): Log {
  return {
    info: (message, fields) => log.info(message, only(fields)),
    warn: (message, fields) => log.warn(message, only(fields)),
    error: (message, fields) => log.error(message, only(fields)),
  };
}

function only(fields: LogFields | undefined): LogFields {
  if (fields === undefined) return {};
  return Object.fromEntries(ALLOWED.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]));
}
