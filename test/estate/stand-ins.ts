import { startEcr } from '../stand-ins/ecr/server.ts';
import { startSes } from '../stand-ins/ses/server.ts';

/** What no emulator serves well enough for an estate: images with their layers, and the second version of SES. */
export interface StandIns {
  /** By the service's name in the SDK's settings. */
  readonly services: { readonly ecr: string; readonly sesv2: string };
  stop(): Promise<void>;
}

export async function startStandIns(): Promise<StandIns> {
  const [ecr, ses] = await Promise.all([startEcr(), startSes()]);
  return {
    services: { ecr: ecr.endpoint, sesv2: ses.endpoint },
    stop: async () => void (await Promise.all([ecr.stop(), ses.stop()])),
  };
}
