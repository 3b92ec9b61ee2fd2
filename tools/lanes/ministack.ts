import { writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { LANES } from './places.ts';
import { type PythonTool, pythonWith } from './python.ts';
import { freePort, launch, runFolder, type Server } from './server.ts';

const MINISTACK: PythonTool = { name: 'ministack', python3Minor: 10, requirements: ['ministack-requirements.txt'] };

/** MiniStack 1.4.21 on 127.0.0.1: CloudFormation, IoT rules and Lambda in one process, without IAM and without certificates. */
export async function startMiniStack(region: string): Promise<Server> {
  const python = pythonWith(MINISTACK);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const home = runFolder('ministack', port);
  // Functions are unpacked in there: they are no part of our package, and their code is what its own ending says.
  writeFileSync(join(home, 'package.json'), '{}\n');
  return launch({
    name: 'MiniStack',
    command: python,
    args: [join(import.meta.dirname, 'ministack-with-more.py')],
    env: environment(port, home, region),
    cwd: home,
    log: join(LANES, 'ministack', 'server.log'),
    endpoint,
    isReady: async () => (await fetch(`${endpoint}/_localstack/health`)).ok,
    readyWithinMs: 60_000,
  });
}

function environment(port: number, home: string, region: string): Record<string, string> {
  return {
    // Functions are started as `node`: this very one.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: home,
    TMPDIR: home,
    STATE_DIR: join(home, 'state'),
    S3_DATA_DIR: join(home, 's3'),
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: region,
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
    PYTHONUNBUFFERED: '1',
  };
}
