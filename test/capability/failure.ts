/** Name and HTTP status of the error a call ends with; throws when it works. */
export async function failure(call: Promise<unknown>): Promise<readonly [name: string, status: number | undefined]> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return [name, $metadata?.httpStatusCode];
  }
  throw new Error('the call worked');
}
