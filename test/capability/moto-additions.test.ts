import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { emulatorEnvironment } from '../emulators/install.ts';

/** What `test/emulators/moto_additions.py` adds, by the class in moto that would have it. */
const added: Readonly<Record<string, readonly string[]>> = {
  'moto.cloudtrail.responses.CloudTrailResponse': ['create_event_data_store', 'list_event_data_stores'],
  'moto.cloudwatch.responses.CloudWatchResponse': [
    'put_composite_alarm',
    'put_metric_stream',
    'put_anomaly_detector',
    'describe_anomaly_detectors',
  ],
  'moto.config.responses.ConfigResponse': ['put_remediation_configurations', 'put_conformance_pack'],
  'moto.ec2.responses.EC2Response': [
    'get_ebs_default_kms_key_id',
    'reset_ebs_default_kms_key_id',
    'get_snapshot_block_public_access_state',
  ],
  'moto.efs.responses.EFSResponse': [
    'update_file_system',
    'put_backup_policy',
    'delete_file_system_policy',
    'describe_replication_configurations',
  ],
  'moto.rds.responses.RDSResponse': [
    'reset_db_parameter_group',
    'reset_db_cluster_parameter_group',
    'modify_event_subscription',
    'add_source_identifier_to_subscription',
    'modify_db_proxy',
  ],
  'moto.servicequotas.responses.ServiceQuotasResponse': ['list_service_quotas', 'request_service_quota_increase'],
};

it('moto lacks every operation that we add: one that it learns is to be taken from ours', async () => {
  const program = [
    'import importlib, json, sys',
    'found = []',
    'for name, operations in json.loads(sys.argv[1]).items():',
    '    module, _, kind = name.rpartition(".")',
    '    there = getattr(importlib.import_module(module), kind)',
    '    found += [f"{kind}.{one}" for one in operations if hasattr(there, one)]',
    'print(json.dumps(found))',
  ].join('\n');
  const python = path.join(await emulatorEnvironment(), 'bin', 'python');
  const { stdout } = await promisify(execFile)(python, ['-c', program, JSON.stringify(added)]);
  expect(JSON.parse(stdout)).toEqual([]);
}, 60_000);
