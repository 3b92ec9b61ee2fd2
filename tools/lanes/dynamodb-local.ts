import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaHome } from './java.ts';
import { LaneError, progress } from './lane-error.ts';
import { LANES } from './places.ts';
import { freePort, launch, type Server } from './server.ts';

const VERSION = '2.6.1';
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>joulekeep</groupId><artifactId>dynamodb-local</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${VERSION}</version></dependency>
  </dependencies>
</project>
`;

/**
 * Jars and native libraries of DynamoDB Local, fetched through Maven once.
 * @returns their folder @throws LaneError when Maven or its repository is missing
 */
export async function dynamodbJars(): Promise<string> {
  const home = join(LANES, 'dynamodb-local');
  const folder = join(home, VERSION);
  if (existsSync(folder)) return folder;
  progress('fetching DynamoDB Local into .lanes/dynamodb-local, once');
  const unfinished = join(home, `unfinished-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, 'pom.xml'), POM);
  const lib = join(unfinished, 'lib');
  const options = ['-q', '-B', '-f', join(unfinished, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`];
  const maven = spawnSync('mvn', options, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (maven.error !== undefined)
    throw new LaneError('DynamoDB Local is fetched by Maven, and mvn is missing', 'install Maven and run the command again');
  if (maven.status !== 0) throw new LaneError("DynamoDB Local can't be fetched by Maven", 'check the network or proxy');
  renameSync(lib, folder);
  rmSync(unfinished, { recursive: true, force: true });
  return folder;
}

/** DynamoDB Local in memory. It listens on every interface: nothing but test data goes there. */
export async function startDynamoDbLocal(): Promise<Server> {
  const java = javaHome();
  const jars = await dynamodbJars();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;

  return launch({
    name: 'DynamoDB Local',
    command: join(java, 'bin', 'java'),
    args: [`-Djava.library.path=${jars}`, '-cp', join(jars, '*'), MAIN, '-inMemory', '-sharedDb', '-port', String(port)],
    env: { DDB_LOCAL_TELEMETRY: '0' },
    cwd: jars,
    log: join(LANES, 'dynamodb-local', `server-${port}.log`),
    endpoint,
    // It answers a request without a signature with 400.
    isReady: async () => (await fetch(endpoint)).status === 400,
    readyWithinMs: 60_000,
  });
}
