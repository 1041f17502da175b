import type { Parameter, RDS } from '@aws-sdk/client-rds';
import type { Json } from '../../kernel/json.ts';
import { required } from '../aws/classify.ts';
import type { Address, DocumentPart, Scene } from '../documents/contract.ts';
import { pages } from '../documents/pages.ts';

/** One call takes twenty parameters at most. */
const atOnce = 20;

interface Setting {
  readonly ParameterValue: string;
  readonly ApplyMethod: 'immediate' | 'pending-reboot';
}

export interface ParameterCalls {
  page(
    scene: Scene<RDS>,
    address: Address,
    marker: string | undefined,
  ): Promise<{ readonly Parameters?: Parameter[] | undefined; readonly Marker?: string | undefined }>;
  set(scene: Scene<RDS>, name: string, parameters: Parameter[]): Promise<unknown>;
  reset(scene: Scene<RDS>, name: string, parameters: Parameter[]): Promise<unknown>;
  readonly operations: { readonly set: string; readonly reset: string };
}

/** What somebody set (`Source=user`): the hundreds that stand at the engine's default come with the family. */
export function parametersPart(calls: ParameterCalls): DocumentPart<RDS> {
  return {
    file: 'parameters.json',
    async read(scene, address) {
      const found: Record<string, Json> = {};
      for await (const { Parameters = [] } of pages(
        (marker) => calls.page(scene, address, marker),
        (page) => page.Marker,
      ))
        for (const { ParameterName = '', ParameterValue, ApplyType, ApplyMethod } of Parameters) {
          if (ParameterValue === undefined) continue;
          // A static parameter is taken with the next start; asked for at once it is refused.
          const method = ApplyType === 'static' ? 'pending-reboot' : (ApplyMethod ?? 'pending-reboot');
          found[ParameterName] = { ParameterValue, ApplyMethod: method };
        }
      return Object.keys(found).length === 0 ? undefined : found;
    },
    // How a value is to be applied is said with each change, and not kept.
    comparable(document) {
      const all = Object.entries(document as unknown as Record<string, Setting>);
      return Object.fromEntries(all.map(([name, { ParameterValue }]) => [name, ParameterValue]));
    },
    async write(scene, { name, resource }, wanted, live) {
      const settings = Object.entries((wanted ?? {}) as unknown as Record<string, Setting>);
      const known = (live ?? {}) as unknown as Record<string, Setting>;
      const gone = Object.keys(known).filter((key) => settings.every(([wantedKey]) => wantedKey !== key));
      const changed = settings.filter(([key, { ParameterValue }]) => known[key]?.ParameterValue !== ParameterValue);
      for (let at = 0; at < changed.length; at += atOnce) {
        const some = changed.slice(at, at + atOnce).map(([ParameterName, one]) => ({ ParameterName, ...one }));
        await required(calls.set(scene, name, some), calls.operations.set, resource);
      }
      for (let at = 0; at < gone.length; at += atOnce) {
        const some = gone.slice(at, at + atOnce).map((ParameterName) => ({
          ParameterName,
          ApplyMethod: known[ParameterName]?.ApplyMethod ?? 'pending-reboot',
        }));
        await required(calls.reset(scene, name, some), calls.operations.reset, resource);
      }
    },
  };
}
