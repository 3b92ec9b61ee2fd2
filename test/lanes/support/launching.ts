import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../../tools/lanes/server.ts';

/** Listens, and has a child in a session of its own, as emulators have. */
const SERVER = `
const { spawn } = require('node:child_process');
const http = require('node:http');
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
process.on('SIGTERM', () => {});
http.createServer((request, response) => response.end(JSON.stringify([process.pid, child.pid])))
  .listen(Number(process.argv[1]), '127.0.0.1');
`;

/** A server under its guard. */
export function launchServer(port: number) {
  const endpoint = `http://127.0.0.1:${port}`;
  return launch({
    name: 'a server',
    command: process.execPath,
    args: ['-e', SERVER, String(port)],
    env: {},
    cwd: tmpdir(),
    log: join(mkdtempSync(join(tmpdir(), 'joulekeep-lane-')), 'log'),
    endpoint,
    isReady: async () => (await fetch(endpoint)).ok,
    readyWithinMs: 30_000,
  });
}
