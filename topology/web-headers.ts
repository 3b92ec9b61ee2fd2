/**
 * Headers of what browsers load: the applications' files, on both platforms.
 * @source X.1332 9.2 (integrity of applications on the customer's device)
 */
export type WebHeaders = Readonly<Record<string, string>>;

/** The one policy that may make addresses of scripts; the loader makes it before anything else runs. */
export const TRUSTED_TYPES_POLICY = 'joulekeep';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  jws: 'application/jose',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
};

const UNUSED_FEATURES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb', 'serial', 'midi'];

/** By a file's ending; undefined for one that no application may have. */
export function contentTypeOf(path: string): string | undefined {
  return CONTENT_TYPES[path.slice(path.lastIndexOf('.') + 1)];
}

/** @param connect origins beside its own that an application may talk to: the identity provider's */
export function securityHeaders(connect: readonly string[]): WebHeaders {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'none'",
    `connect-src ${["'self'", ...new Set(connect)].join(' ')}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${TRUSTED_TYPES_POLICY}`,
  ];
  return {
    'content-security-policy': policy.join('; '),
    'integrity-policy': 'blocked-destinations=(script)',
    'strict-transport-security': 'max-age=63072000',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': UNUSED_FEATURES.map((name) => `${name}=()`).join(', '),
  };
}

/** Names of files under assets/ hold a hash of what is in them, so they never change; everything else is asked for again each time. */
export function cacheControlOf(path: string): string {
  return path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** All headers of a file. @param path from the root of the site */
export function webHeadersOf(path: string, connect: readonly string[]): WebHeaders {
  return {
    ...securityHeaders(connect),
    'content-type': contentTypeOf(path) ?? 'application/octet-stream',
    'cache-control': cacheControlOf(path),
  };
}
