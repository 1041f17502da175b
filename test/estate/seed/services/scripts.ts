import { makeProject } from '../../../stand-ins/apps-script/state.ts';
import type { SiteEnvironment } from '../../sites.ts';
import type { StandIns } from '../../stand-ins.ts';
import { secretsOf } from './secrets.ts';

/** A script with a version that is deployed; as many have, a token in its code. */
export function seedScript(site: SiteEnvironment, { scripts }: StandIns['made']): void {
  const project = makeProject(scripts, site.named('orders'));
  const code = (text: string) => ({
    name: 'Code',
    type: 'SERVER_JS',
    source: `const token = '${secretsOf(site).script}';\nfunction run() { return '${text}' }\n`,
  });
  const manifest = { name: 'appsscript', type: 'JSON', source: '{"timeZone":"America/Los_Angeles"}' };
  const { scriptId } = project;
  project.versions.push({
    scriptId,
    versionNumber: 1,
    description: 'one',
    createTime: '',
    files: [manifest, code('1')],
  });
  project.deployments.push({
    deploymentId: `AK-${site.named('orders')}`,
    deploymentConfig: { versionNumber: 1, description: 'live', manifestFileName: 'appsscript' },
  });
  project.files = [manifest, code('2')];
}
