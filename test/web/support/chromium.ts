import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Where the browser of these tests is: `CHROMIUM_PATH`, or the system's. */
export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** A browser that takes the certificate of a service on this machine. @throws one line when none is installed */
export async function openChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`no browser at ${CHROMIUM}: install Chromium, or say where it is in CHROMIUM_PATH`);
  // A service worker is refused behind a certificate that only the page forgives.
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--ignore-certificate-errors', ...QUIET] });
}
