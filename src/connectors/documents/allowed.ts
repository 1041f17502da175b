import { isItemError } from '../../kernel/errors.ts';

/**
 * What a listing asks of one resource. Undefined where that is refused, so that it costs this resource and not the list: its
 * parts ask again when it is captured, and say what was refused.
 */
export async function ifAllowed<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isItemError(error)) return undefined;
    throw error;
  }
}
