import type { CaptureSink } from '../../kernel/capture.ts';
import type { Json } from '../../kernel/json.ts';
import type { SeenObjects } from './capture-objects.ts';
import type { JsonRecord } from './json-record.ts';
import type { S3BucketsOptions } from './options.ts';

/** Lines about the configuration, one per bucket and reason. */
export function noteConfig(config: ReadonlyMap<string, Json>, options: S3BucketsOptions, sink: CaptureSink): void {
  const versioning = config.get('versioning') as JsonRecord | undefined;
  if (versioning?.['MFADelete'] === 'Enabled') {
    sink.note({
      class: 'needs-human',
      what: 'MFA delete',
      why: 'it can be switched only by the root user with the MFA device at hand',
      action: 'switch it on again after a restore',
    });
  }
  if (config.has('metadata')) {
    sink.note({
      class: 'needs-human',
      what: 'S3 Metadata tables',
      why: 'S3 makes the tables itself and fills them anew',
      action: 'create the metadata configuration again from config/metadata.json',
    });
  }
  if (options.objects && options.versions === 'current' && versioning !== undefined) {
    sink.note({
      class: 'lost',
      what: 'older versions and delete markers',
      why: 'the source captures current objects only (versions: current)',
      action: 'set versions: all to have them in the snapshot',
    });
  }
}

/** Lines about the objects, counted in one line per bucket and reason. */
export function noteObjects(
  seen: SeenObjects,
  config: ReadonlyMap<string, Json>,
  options: S3BucketsOptions,
  sink: CaptureSink,
): void {
  if (seen.objects > 0 && !options.acls && !objectAclsOff(config) && !publicAclsIgnored(config)) {
    sink.note({
      class: 'needs-human',
      what: 'ACLs of single objects',
      why: 'the bucket lets objects have ACLs, and the source does not capture them (acls: false)',
      action: 'set acls: true, or switch ACLs off (object ownership: bucket owner enforced)',
    });
  }
  if (seen.versioned > 0) {
    sink.note({
      class: 'new-identity',
      what: 'version ids and LastModified of objects and versions',
      why: 'S3 gives both anew at each write',
      action: 'refer to objects by key, not by version id',
      count: seen.versioned,
    });
  }
  if (seen.archived > 0) {
    sink.note({
      class: 'needs-human',
      what: 'archived objects (GLACIER, DEEP_ARCHIVE)',
      why: 'they cannot be read without a thaw of hours; the snapshot holds the content of those it read before they were archived',
      action: 'thaw those that matter with RestoreObject, then take a snapshot while they can be read',
      count: seen.archived,
    });
  }
}

/** With `BucketOwnerEnforced`, S3 ignores the ACLs of all objects. */
export function objectAclsOff(config: ReadonlyMap<string, Json>): boolean {
  const controls = config.get('ownership-controls') as { readonly Rules?: readonly JsonRecord[] } | undefined;
  return controls?.Rules?.some((rule) => rule['ObjectOwnership'] === 'BucketOwnerEnforced') ?? false;
}

/** Public reading, the one use of object ACLs that is still common, is switched off. */
function publicAclsIgnored(config: ReadonlyMap<string, Json>): boolean {
  return (config.get('public-access-block') as JsonRecord | undefined)?.['IgnorePublicAcls'] === true;
}
