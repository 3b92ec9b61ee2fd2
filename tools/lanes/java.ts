import { spawnSync } from 'node:child_process';
import { LaneError } from './lane-error.ts';

const OLDEST_JAVA = 17;

/** @returns home of the Java on the path @throws LaneError when it is missing or too old */
export function javaHome(): string {
  const { stderr, status } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
  const remedy = `install Java ${OLDEST_JAVA} or newer and run the command again`;
  if (status !== 0) throw new LaneError('DynamoDB Local needs Java, and java is missing', remedy);
  const property = (name: string) => new RegExp(`${name} = (.*)`).exec(stderr)?.[1]?.trim() ?? '';
  const version = Number.parseInt(property('java.specification.version'), 10);
  if (!(version >= OLDEST_JAVA)) throw new LaneError(`DynamoDB Local needs a newer Java than ${version}`, remedy);
  return property('java.home');
}
