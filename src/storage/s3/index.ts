import type { ObjectStore } from '../contract.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { preconditionFailed } from '../precondition.ts';
import {
  connect,
  disconnect,
  probeBucket,
  quoted,
  wantsVirtualHost,
  type Connection,
  type S3StoreSettings,
} from './connection.ts';
import { fromS3, nameOf, statusOf } from './errors.ts';
import { s3History } from './history.ts';
import { listObjects } from './listing.ts';
import { extendLock, readLock } from './lock.ts';
import { readProtection } from './protection.ts';
import { getObject, statObject } from './read.ts';
import { objectThawState, thawObject } from './thaw.ts';
import { checkLock, putObject } from './write.ts';

export type { S3StoreSettings } from './connection.ts';

/**
 * A store in a bucket of Amazon S3 or of a compatible store with conditional writes. Versions are ETags: two puts of the
 * same bytes to one key have the same version.
 * Throws storage.bucket-missing, storage.denied, aws.credentials-missing or aws.credentials-expired when it cannot be used.
 */
export async function openS3Store(settings: S3StoreSettings): Promise<ObjectStore> {
  const connection = await connect(settings);
  try {
    const { lock } = await probeBucket(connection);
    return storeOn(connection, addressOf(settings), lock);
  } catch (error) {
    await disconnect(connection);
    if (settings.virtualHost !== undefined || !wantsVirtualHost(error)) throw error;
    return await openS3Store({ ...settings, virtualHost: true });
  }
}

function storeOn(connection: Connection, address: string, lock: boolean): ObjectStore {
  return {
    address,
    capabilities: {
      lock,
      storageClasses: true,
      archive: {
        async thaw(key, request) {
          checkKey(key);
          await thawObject(connection, key, request);
        },
        async thawState(key) {
          checkKey(key);
          return await objectThawState(connection, key);
        },
      },
      history: s3History(connection),
      protection: () => readProtection(connection),
      ...(lock && {
        extendLock: (key, until, mode, versionId) => extendLock(connection, key, until, mode, versionId),
        readLock: (key, versionId) => readLock(connection, key, versionId),
      }),
    },
    async get(key, range) {
      checkKey(key);
      return await getObject(connection, key, range);
    },
    async put(key, parts, options = {}) {
      checkKey(key);
      checkLock(key, lock, options);
      return { version: await putObject(connection, key, parts, options) };
    },
    async *list(prefix) {
      checkPrefix(prefix);
      yield* listObjects(connection, prefix);
    },
    async stat(key) {
      checkKey(key);
      return await statObject(connection, key);
    },
    async delete(key, options = {}) {
      checkKey(key);
      await deleteObject(connection, key, options.ifMatch);
    },
    async close() {
      await disconnect(connection);
    },
  };
}

async function deleteObject(connection: Connection, key: string, ifMatch: string | undefined): Promise<void> {
  const { lean, fullKey } = connection;
  const headers = ifMatch === undefined ? [] : [['if-match', quoted(ifMatch)] as const];
  try {
    await lean.send({ method: 'DELETE', key: fullKey(key), headers });
  } catch (error) {
    if (statusOf(error) === 412) throw preconditionFailed(key, 'another writer changed it', error);
    // Some stores say that it was not there; that is what was wanted.
    if (statusOf(error) !== 404 || nameOf(error) === 'NoSuchBucket') throw fromS3(error, 'DeleteObject', key);
  }
}

function addressOf(settings: S3StoreSettings): string {
  const path = settings.prefix === '' ? settings.bucket : `${settings.bucket}/${settings.prefix}`;
  return settings.endpoint === undefined ? `s3://${path}` : `s3+${settings.endpoint}/${path}`;
}
