import { afterEach, expect, it, vi } from 'vitest';
import { PowertoolsLog } from '../../../platform/aws/log.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('a line is JSON with level, time, service, message and the fields on the list, of their type and cut to length', () => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const log = new PowertoolsLog('ingest');
  const hostile = {
    code: 'ERR_X',
    count: 3,
    reading: 1234,
    meterId: '00124b0000000001',
    reason: 'r'.repeat(500),
    stream: 7,
    error: new Error('x'),
  };
  log.info('started', hostile as never);
  log.warn('something', hostile as never);
  log.error('m'.repeat(500), { ...hostile, milliseconds: 12 } as never);
  const [info, warn, error, ...more] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const written = { code: 'ERR_X', count: 3, reason: 'r'.repeat(200) };
  const time = expect.stringMatching(/^\d{4}-/);
  expect(info).toEqual({ level: 'INFO', time, service: 'ingest', message: 'started', ...written });
  expect(warn).toEqual({ level: 'WARN', time, service: 'ingest', message: 'something', ...written });
  expect(error).toEqual({ level: 'ERROR', time, service: 'ingest', message: 'm'.repeat(200), ...written, milliseconds: 12 });
  expect(more).toEqual([]);
});
