import { randomUUID } from 'node:crypto';

/** Where the lane's emulator listens. @throws when the lane was not started by its command */
export function laneClient() {
  const endpoint = process.env['JOULEKEEP_AWS_ENDPOINT'];
  if (endpoint === undefined) throw new Error('JOULEKEEP_AWS_ENDPOINT: name the emulator, or start the lane by its npm script');
  return { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
}

/** A stage of its own for each test: what one leaves behind no other sees. */
export function freshStage(): string {
  return `t${randomUUID().slice(0, 8)}`;
}
