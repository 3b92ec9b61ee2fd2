import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { dynamodbJars } from './dynamodb-local.ts';
import { emptyAgentClass, jar, manifest } from './jar.ts';
import { javaHome } from './java.ts';
import { LaneError } from './lane-error.ts';
import { LANES } from './places.ts';
import { type PythonTool, pythonWith } from './python.ts';
import { freePort, launch, runFolder, type Server } from './server.ts';

const LOCALSTACK: PythonTool = {
  name: 'localstack',
  python3Minor: 11,
  requirements: ['localstack-build-requirements.txt', 'localstack-requirements.txt'],
};
const DYNAMODB_MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
const AGENT = 'EmptyAgent';
/** LocalStack's own names for what it would download. */
const DYNAMODB_FOLDER = 'dynamodb-local/2';
const JAVA_FOLDER = 'java/21';

/** LocalStack 4.9.2 on 127.0.0.1, without Docker: everything but IoT and Lambda that the service uses. */
export async function startLocalStack(): Promise<Server> {
  if (process.platform === 'win32') throw new LaneError('LocalStack without Docker needs Linux or macOS', 'use WSL');
  const java = javaHome();
  const jars = await dynamodbJars().catch((error: Error) => {
    throw error instanceof LaneError ? error : new LaneError(error.message, 'run the command again when that is mended');
  });
  const python = pythonWith(LOCALSTACK);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const home = runFolder('localstack', port);
  placeDynamoDb(join(home, 'var/lib/localstack/lib'), jars, java);
  return launch({
    name: 'LocalStack',
    command: python,
    args: ['-m', 'localstack.runtime.main'],
    env: environment(port, home, java),
    cwd: home,
    log: join(LANES, 'localstack', 'server.log'),
    endpoint,
    isReady: async () => (await fetch(`${endpoint}/_localstack/health`)).ok,
    readyWithinMs: 120_000,
  });
}

function environment(port: number, home: string, java: string): Record<string, string> {
  return {
    PATH: [join(java, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    HOME: home,
    FILESYSTEM_ROOT: home,
    // It may find itself in a container, and would then write outside of its root.
    OVERRIDE_IN_DOCKER: '0',
    CONFIG_DIR: join(home, 'config'),
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_HOST: `127.0.0.1:${port}`,
    // The server it would take else binds all interfaces.
    GATEWAY_SERVER: 'hypercorn',
    // Streams by DynamoDB Local itself; else they would go through another program, which is downloaded.
    PROVIDER_OVERRIDE_DYNAMODB: 'v2',
    PROVIDER_OVERRIDE_DYNAMODBSTREAMS: 'v2',
    SQS_ENDPOINT_STRATEGY: 'path',
    // No DNS server, nothing fetched, nothing reported.
    DNS_ADDRESS: '0',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    PYTHONUNBUFFERED: '1',
    JAVA_TOOL_OPTIONS: `-Djava.io.tmpdir=${mkdir(join(home, 'java'))} -XX:-UsePerfData`,
  };
}

/** What LocalStack would download, where it looks before it does. */
function placeDynamoDb(lib: string, jars: string, java: string): void {
  const dynamodb = mkdir(join(lib, DYNAMODB_FOLDER));
  symlinkSync(jars, join(dynamodb, 'DynamoDBLocal_lib'));
  const classPath = readdirSync(jars).filter((name) => name.endsWith('.jar'));
  const main = manifest({ 'Main-Class': DYNAMODB_MAIN, 'Class-Path': classPath.map((name) => `DynamoDBLocal_lib/${name}`).join(' ') });
  writeFileSync(join(dynamodb, 'DynamoDBLocal.jar'), jar({ 'META-INF/MANIFEST.MF': main }));
  // Theirs lifts a limit on indexes that this service has no use for.
  const agent = jar({ 'META-INF/MANIFEST.MF': manifest({ 'Premain-Class': AGENT }), [`${AGENT}.class`]: emptyAgentClass(AGENT) });
  writeFileSync(join(dynamodb, 'ddb-local-loader-0.1.jar'), agent);
  mkdir(dirname(join(lib, JAVA_FOLDER)));
  if (!existsSync(join(java, 'bin', 'java'))) throw new LaneError(`${java} holds no bin/java`, 'install a Java runtime');
  symlinkSync(java, join(lib, JAVA_FOLDER));
}

function mkdir(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
