/**
 * What the loader and the service worker keep on a device begins so: a database and caches. It stays when a customer signs out, for without
 * it an older application could be put in place of this one. Nothing personal is in it.
 */
export const INTEGRITY_NAMES = 'joulekeep-integrity';

/** Header by which the service worker tells the loader that it asked the server and got no answer. */
export const OFFLINE_HEADER = 'x-joulekeep-offline';
