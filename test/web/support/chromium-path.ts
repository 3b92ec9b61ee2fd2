/** Where the browser of these tests is: `CHROMIUM_PATH`, or the system's. */
export const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
