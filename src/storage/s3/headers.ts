import { crc32 } from 'node:zlib';
import { asBuffer, unhex } from '../../kernel/bytes.ts';
import type { PutOptions } from '../contract.ts';
import { quoted } from './connection.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Metadata that names one put, so that it can be recognised when its answer was lost. */
export const writeIdName = 'holdfast-write';

/** Checked by the store before it takes the body, and kept with the object. */
export function checksumHeader(
  body: Uint8Array | readonly Uint8Array[],
  sha256: string | undefined,
): readonly [name: string, value: string] {
  if (sha256 !== undefined) return ['x-amz-checksum-sha256', asBuffer(unhex(sha256)).toString('base64')];
  let sum = 0;
  for (const part of body instanceof Uint8Array ? [body] : body) sum = crc32(part, sum);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return ['x-amz-checksum-crc32', bytes.toString('base64')];
}

export function conditionHeaders(options: PutOptions): Headers {
  if (options.ifMatch !== undefined) return [['if-match', quoted(options.ifMatch)]];
  return options.ifAbsent === true ? [['if-none-match', '*']] : [];
}

export function objectHeaders(options: PutOptions, algorithm: 'SHA256' | 'CRC32'): Headers {
  const { retain, storageClass } = options;
  return [
    ...(storageClass === undefined ? [] : [['x-amz-storage-class', storageClass] as const]),
    ...(retain === undefined
      ? []
      : [
          ['x-amz-object-lock-mode', retain.mode.toUpperCase()] as const,
          ['x-amz-object-lock-retain-until-date', new Date(retain.until).toISOString()] as const,
        ]),
    // Locked objects need the algorithm's name beside the checksum, and a bucket may lock every object by itself.
    ['x-amz-sdk-checksum-algorithm', algorithm],
  ];
}
