import type { CaptureSink } from '../../kernel/capture.ts';
import type { ZoneDocument } from './zone.ts';

/** What of a zone will not come back by itself. `signature`: GetDNSSEC's ServeSignature. */
export function noteLosses(
  zone: ZoneDocument,
  fromTrafficPolicies: number,
  signature: string | undefined,
  sink: CaptureSink,
): void {
  if (!zone.PrivateZone && zone.DelegationSet === undefined) {
    sink.note({
      class: 'needs-human',
      what: 'name servers',
      why: 'a zone that is created again gets other name servers, unless it uses a reusable delegation set',
      action:
        'when a restore has to create the zone, set its new name servers where the domain is registered or delegated',
    });
  }
  if (signature !== undefined && signature !== 'NOT_SIGNING') {
    sink.note({
      class: 'needs-human',
      what: 'DNSSEC signing',
      why: 'key-signing keys cannot move to another zone',
      action:
        'before a zone is created again, remove its DS record at the registrar; afterwards sign it and add the new one',
    });
  }
  if (zone.Features?.AcceleratedRecoveryStatus === 'ENABLED') {
    sink.note({
      class: 'needs-human',
      what: 'accelerated recovery',
      why: 'it is a setting of the zone that a restore does not make',
      action: 'after a zone is created again, enable accelerated recovery for it',
    });
  }
  if (fromTrafficPolicies > 0) {
    sink.note({
      class: 'needs-human',
      what: 'records made by traffic policies',
      why: 'only Route 53 creates them, from a traffic policy instance',
      action: 'restore route53/+account with the zone: its traffic policy instances make these records again',
      count: fromTrafficPolicies,
    });
  }
  if (zone.LinkedService !== undefined) {
    sink.note({
      class: 'needs-human',
      what: 'the zone',
      why: `it belongs to ${zone.LinkedService.ServicePrincipal ?? 'another service'}, which alone can change it`,
      action: 'restore the service that made it',
    });
  }
}
