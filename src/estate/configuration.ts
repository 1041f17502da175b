import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { configJsonSchema } from '../config/schema.ts';
import type { SourceTypes } from '../config/source-types.ts';
import { connectorTypes, loadConnector } from '../connectors/registry.ts';
import type { Json } from '../kernel/json.ts';

/** The registered connectors, as the configuration needs to know them. */
const registered: SourceTypes = {
  names: connectorTypes,
  describe: async (type) => await loadConnector(type),
};

/** Loads holdfast.yaml with each source's options checked by its connector: all mistakes at once (config.invalid). */
export async function loadEstateConfig(
  file: string,
  settings: { readonly env: Readonly<Record<string, string | undefined>> },
): Promise<LoadedConfig> {
  return await loadConfig(file, { env: settings.env, sourceTypes: registered });
}

/** The JSON Schema of holdfast.yaml with the options of every registered connector; init writes it beside the file. */
export async function editorSchema(): Promise<Json> {
  return await configJsonSchema(registered);
}
