import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../terminal/fail.ts';

const ADDRESS = z.url({ protocol: /^https$/ });

const SettingsFile = z.strictObject({
  issuer: ADDRESS,
  authorizationEndpoint: ADDRESS,
  tokenEndpoint: ADDRESS,
  endSessionEndpoint: ADDRESS,
  passkeysPage: ADDRESS.nullable(),
  /** By which the identity provider knows the application; default its name. */
  clientId: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .optional(),
  /** SPKI DER of the root of signed prices, base64url; with a state directory its own. */
  priceKeysRoot: z.base64url().optional(),
});

/** Where people sign in, from a file. @throws UsageError */
export function readSettings(file: string): z.infer<typeof SettingsFile> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  const read = SettingsFile.safeParse(value);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new UsageError(`${file}: ${path.join('.')} ${message}`);
}
