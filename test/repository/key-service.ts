import { createCipheriv, createDecipheriv } from 'node:crypto';
import { HoldfastError } from '../../src/kernel/errors.ts';
import type { KeyContext, KeyService } from '../../src/repository/keys/kinds/kms.ts';

/** Some KMS keys in this process: encryption with a context, as the real one has, and regions that can fail. */
export function memoryKeyService(): KeyService & { readonly down: Set<string>; readonly calls: string[] } {
  const down = new Set<string>();
  const calls: string[] = [];
  const nonce = Buffer.alloc(12);

  function keyOf(arn: string): Buffer {
    return Buffer.alloc(32, arn);
  }
  function reach(operation: string, arn: string): void {
    calls.push(`${operation} ${arn}`);
    if (down.has(arn)) throw new HoldfastError('item.unavailable', `${operation} with ${arn} failed: no answer`);
  }
  function about(context: KeyContext): Buffer {
    return Buffer.from(JSON.stringify(context));
  }
  return {
    down,
    calls,
    async encrypt(arn, plain, context) {
      reach('Encrypt', arn);
      const cipher = createCipheriv('aes-256-gcm', keyOf(arn), nonce);
      cipher.setAAD(about(context));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    async decrypt(arn, sealed, context) {
      reach('Decrypt', arn);
      const decipher = createDecipheriv('aes-256-gcm', keyOf(arn), nonce);
      decipher.setAAD(about(context));
      decipher.setAuthTag(sealed.subarray(-16));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
      } catch (cause) {
        throw new HoldfastError('item.invalid', `Decrypt with ${arn} failed: InvalidCiphertextException`, { cause });
      }
    },
  };
}

export const arns = ['us-east-1', 'eu-west-1'].map((region) => `arn:aws:kms:${region}:123456789012:key/1234abcd`);
