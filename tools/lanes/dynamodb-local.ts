import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = dirname(dirname(import.meta.dirname));
const LANES = join(ROOT, '.lanes');
const VERSION = '2.6.1';
const OLDEST_JAVA = 17;
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
const READY_MS = 60_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Without name space: Maven takes it, and fetches from wherever its own settings say. */
const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>joulekeep</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;

export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Folder with the jars of Amazon's DynamoDB Local and its native libraries, fetched through Maven the first time.
 * @throws with one line that says what is missing
 */
export async function dynamodbJars(): Promise<string> {
  const folder = join(LANES, `dynamodb-local-${VERSION}`);
  if (existsSync(folder)) return folder;
  mkdirSync(LANES, { recursive: true });
  const making = mkdtempSync(join(LANES, 'dynamodb-local-'));
  try {
    writeFileSync(join(making, 'pom.xml'), POM);
    const jars = join(making, 'lib');
    await needed('mvn', 'Maven (mvn), which fetches DynamoDB Local, is not installed', [
      ...['--batch-mode', '--quiet', '--file', join(making, 'pom.xml')],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`],
    ]);
    if (!existsSync(folder)) renameSync(jars, folder);
    return folder;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * Amazon's DynamoDB Local in memory, on a port of its own. It listens on every interface: it has no setting for that.
 * It ends with this process at the latest.
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  mkdirSync(LANES, { recursive: true });
  await checkJava();
  const jars = await dynamodbJars();
  const port = await freePort();
  const args = [`-Djava.library.path=${jars}`, '-cp', join(jars, '*'), MAIN];
  const server = spawn('java', [...args, '-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)], {
    cwd: LANES,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  server.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const release = endsWithUs(server);
  const stop = async () => {
    release();
    await ended(server);
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await ready(endpoint, server, said);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

/** However this process ends, short of SIGKILL. @returns takes that back */
function endsWithUs(server: ChildProcess): () => void {
  const kill = () => void server.kill('SIGKILL');
  const interrupted = (signal: NodeJS.Signals) => {
    release();
    kill();
    process.kill(process.pid, signal);
  };
  const release = () => {
    process.removeListener('exit', kill);
    for (const signal of SIGNALS) process.removeListener(signal, interrupted);
  };
  process.once('exit', kill);
  for (const signal of SIGNALS) process.once(signal, interrupted);
  return release;
}

async function checkJava(): Promise<void> {
  const { stdout, stderr } = await needed('java', `Java ${OLDEST_JAVA}, which DynamoDB Local runs on, is not installed`, ['-version']);
  const version = Number(/version "(?:1\.)?(\d+)/.exec(stdout + stderr)?.[1] ?? 0);
  if (version < OLDEST_JAVA) throw new Error(`Java ${version} is too old: DynamoDB Local runs on Java ${OLDEST_JAVA}`);
}

/** Runs a program that must be there. */
async function needed(program: string, missing: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  try {
    return await run(program, [...args], { cwd: LANES, maxBuffer: 1 << 24 });
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (code === 'ENOENT') throw new Error(missing);
    const line = `${stdout}\n${stderr}`.split('\n').find((text) => text.includes('ERROR')) ?? `exit code ${String(code)}`;
    throw new Error(`${program} failed: ${line.trim()}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Any answer will do: a request without a body is refused by a server that is up. */
async function ready(endpoint: string, server: ChildProcess, said: readonly string[]): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`DynamoDB Local ended at once: ${said.join('').trim().split('\n')[0] ?? ''}`);
    const up = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`DynamoDB Local did not answer within ${READY_MS / 1000} s`);
}

function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGKILL');
  });
}
