import { createPublicKey, X509Certificate } from 'node:crypto';
import { UsageError } from '../terminal/fail.ts';

/** Whom a reader of proofs believes, from elsewhere than the proof. */
export interface Trust {
  /** Keys that sign the log's checkpoints, SPKI DER. */
  readonly checkpointKeys: readonly Buffer[];
  /** Authorities that issue certificates of meters. */
  readonly meterAuthorities: readonly X509Certificate[];
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g;

/** @param pem blocks PUBLIC KEY (log) and CERTIFICATE (authority of meters), as many as are trusted @throws UsageError */
export function trustIn(pem: string, file: string): Trust {
  const blocks = [...pem.matchAll(BLOCK)].map(([text, label]) => ({ text, label }));
  const of = (label: string) => blocks.filter((block) => block.label === label).map(({ text }) => text);
  try {
    if (blocks.length !== pem.split('-----BEGIN ').length - 1) throw new Error('a block in it has no end, or that of another');
    const checkpointKeys = of('PUBLIC KEY').map((text) => createPublicKey(text).export({ type: 'spki', format: 'der' }));
    const meterAuthorities = of('CERTIFICATE').map((text) => new X509Certificate(text));
    if (checkpointKeys.length === 0) throw new Error('there is no PUBLIC KEY in it that signs checkpoints');
    return { checkpointKeys, meterAuthorities };
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}
