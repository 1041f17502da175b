import { startAppsScript, type AppsScriptStandIn } from '../stand-ins/apps-script/server.ts';
import { startBackup } from '../stand-ins/backup/server.ts';
import { startEcr } from '../stand-ins/ecr/server.ts';
import { startGlobalAccelerator } from '../stand-ins/global-accelerator/server.ts';
import { startLightsail, type LightsailStandIn } from '../stand-ins/lightsail/server.ts';
import { startDomains, type DomainsStandIn } from '../stand-ins/route53-domains/server.ts';
import { startSes } from '../stand-ins/ses/server.ts';

/** What no emulator serves well enough for an estate. */
export interface StandIns {
  /** Endpoints, by the service's name in the SDK's settings. */
  readonly services: Readonly<Record<string, string>>;
  /** What people do elsewhere, and no call of the SDK: registering a domain, buying an instance, writing a script. */
  readonly made: {
    readonly domains: DomainsStandIn['state'];
    readonly lightsail: LightsailStandIn['state'];
    readonly scripts: AppsScriptStandIn['state'];
  };
  /** Of Apps Script, which sources name by themselves. */
  readonly scripts: string;
  stop(): Promise<void>;
}

export async function startStandIns(): Promise<StandIns> {
  const [ecr, ses, backup, accelerator, lightsail, domains, scripts] = await Promise.all([
    startEcr(),
    startSes(),
    startBackup(),
    startGlobalAccelerator(),
    startLightsail(),
    startDomains(),
    startAppsScript(),
  ]);
  return {
    services: {
      ecr: ecr.endpoint,
      sesv2: ses.endpoint,
      backup: backup.endpoint,
      global_accelerator: accelerator.endpoint,
      lightsail: lightsail.endpoint,
      route_53_domains: domains.endpoint,
    },
    made: { domains: domains.state, lightsail: lightsail.state, scripts: scripts.state },
    scripts: scripts.endpoint,
    async stop() {
      await Promise.all([ecr, ses, backup, accelerator, lightsail, domains, scripts].map((one) => one.stop()));
    },
  };
}
