// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../deploy/embedded/checkout.mjs';

/** @typedef {{ version?: string, resolved?: string, optionalDependencies?: Record<string, string> }} LockedPackage */

/**
 * What is wrong with a lock file: optional platform packages that it does not contain (then `npm ci` fails on some machine,
 * always), and addresses of registries (then it works in one network only).
 * @param {Record<string, LockedPackage>} packages
 * @returns {string[]}
 */
export function faultsOf(packages) {
  return Object.entries(packages).flatMap(([path, locked]) => [...missingOf(packages, path, locked), ...hostsOf(path, locked)]);
}

/**
 * @param {Record<string, LockedPackage>} packages
 * @param {string} path
 * @param {LockedPackage} locked
 */
function missingOf(packages, path, { version, optionalDependencies = {} }) {
  const missing = Object.keys(optionalDependencies).filter((name) => !isReachable(packages, path, name));
  return missing.length === 0 ? [] : [`${path || 'the root'} ${version ?? ''} lacks ${missing.length} optional packages: ${missing.slice(0, 3).join(', ')}`];
}

/**
 * Whether Node's resolution from `path` upwards would find the package.
 * @param {Record<string, LockedPackage>} packages
 * @param {string} path
 * @param {string} name
 * @returns {boolean}
 */
function isReachable(packages, path, name) {
  if (packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`]) return true;
  if (path === '') return false;
  const above = path.lastIndexOf('/node_modules/');
  return isReachable(packages, above < 0 ? '' : path.slice(0, above), name);
}

/**
 * @param {string} path
 * @param {LockedPackage} locked
 */
function hostsOf(path, { resolved }) {
  return resolved && /^[a-z+]+:\/\//.test(resolved) ? [`${path} names a host: ${resolved}`] : [];
}

/** Checks the lock file of this checkout, prints what is wrong, and says whether it is in order. */
export function checkLock() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const faults = faultsOf(packages);
  for (const fault of faults) console.error(`package-lock.json: ${fault}`);
  return faults.length === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exit(checkLock() ? 0 : 1);
