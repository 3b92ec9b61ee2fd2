// @ts-check
/**
 * Runs before every npm script (prestart, pretest, ...): installs what package-lock.json names, once, and makes sure
 * that the script which follows runs on Node 24. Plain JavaScript without dependencies, because nothing is installed
 * yet and the Node that starts it may be an old one.
 *
 * npm's own record of what it installed, node_modules/.package-lock.json, is the stamp: npm writes it last, so an
 * interrupted installation leaves none and a changed lock file no longer matches it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Platforms for which the registry has a Node 24 as a package. */
const NODE_PACKAGES = ['linux-x64', 'linux-arm64', 'win-x64'];
const WANTED_MAJOR = 24;

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */

/** One line on standard error, exit code 1. @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`joulekeep: ${message}\n`);
  process.exit(1);
}

/** @param {string} file @returns {Record<string, LockedPackage> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Every package of the lock file is installed in the locked version; optional ones (other platforms) may be absent.
 * @param {string} root folder of package-lock.json
 */
function isInstalled(root) {
  const locked = packagesOf(join(root, 'package-lock.json'));
  if (locked === undefined) fail('package-lock.json is missing or no JSON; restore it from the repository');
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (present === undefined) return false;
  const stray = Object.keys(present).some((path) => locked[path] === undefined);
  if (stray) return false;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true && !isOurNode(path);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** The Node package of this very platform is optional only in name. @param {string} path */
function isOurNode(path) {
  return path === `node_modules/node-${platformName()}`;
}

function platformName() {
  return `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
}

/** Where the registry has no Node for this platform, the Node of the machine must do. */
function checkPlatform() {
  if (NODE_PACKAGES.includes(platformName())) return;
  if (majorOf(process.version) >= WANTED_MAJOR) return;
  fail(
    `needs Node ${WANTED_MAJOR} or newer; there is no Node package for ${platformName()} and this is ${process.version}. Install Node ${WANTED_MAJOR} and run the command again`,
  );
}

/** @param {string} version e.g. `v24.21.0` */
function majorOf(version) {
  return Number.parseInt(version.replace('v', ''), 10);
}

/** The npm that runs us, else the one on the path; on the Node that npm itself runs on. */
function npmCommand() {
  const npm = process.env['npm_execpath'];
  if (npm?.endsWith('npm-cli.js') !== true) return { command: 'npm', leading: [], shell: process.platform === 'win32' };
  return { command: process.env['npm_node_execpath'] ?? process.execPath, leading: [npm], shell: false };
}

/** @param {string} root */
function install(root) {
  process.stderr.write('joulekeep: installing dependencies (npm ci), once\n');
  const { command, leading, shell } = npmCommand();
  // No package needs its install scripts, so none may run: what is downloaded stays data until it is imported.
  const options = ['ci', '--loglevel=error', '--no-fund', '--no-audit', '--ignore-scripts', '--fetch-retry-maxtimeout=20000'];
  const result = spawnSync(command, [...leading, ...options], { cwd: root, shell, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (result.error !== undefined) fail(`npm does not start: ${result.error.message}`);
  if (result.status !== 0) fail(reasonOf(result.stderr));
}

/** One line out of npm's many. @param {string} stderr @returns {string} */
function reasonOf(stderr) {
  const network = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH)\b/.exec(stderr);
  if (network !== null)
    return `the package registry cannot be reached (${network[1]}); check the network or proxy and run the command again`;
  if (/\bENOSPC\b/.test(stderr)) return 'no space left on the disk for node_modules';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(stderr)) return 'node_modules cannot be written; check the permissions of this folder';
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  const told = lines.filter((line) => line !== '' && !line.startsWith('A complete log') && !line.startsWith('code '));
  return `npm ci failed: ${told[0] ?? 'it gave no reason'}`;
}

/** The Node that the npm script will find first on its path. @param {string} root */
function checkNode(root) {
  const binary = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(binary)) return checkPlatform();
  const version = spawnSync(`"${binary}"`, ['-v'], { encoding: 'utf8', shell: true }).stdout?.trim() ?? '';
  if (majorOf(version) >= WANTED_MAJOR) return;
  fail(`the Node in node_modules does not run here (${version === '' ? 'no answer' : version}); it needs glibc 2.28 or newer`);
}

function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  checkPlatform();
  if (isInstalled(root)) return;
  install(root);
  if (!isInstalled(root)) fail('npm ci ended well but node_modules is not what package-lock.json says; delete node_modules and run again');
  checkNode(root);
}

main();
