import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM } from './chromium-path.ts';

const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser that takes the certificate of a service on this machine. @param more switches */
export async function openChromium(more: readonly string[] = []): Promise<Browser> {
  // A service worker is refused behind a certificate that only the page forgives.
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--ignore-certificate-errors', ...QUIET, ...more] });
}
