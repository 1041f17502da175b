export interface Endpoints {
  /** Endpoint of every service without one of its own. */
  readonly all: string;
  /** By the service's name in the SDK's environment variables, in any case: `{ lambda: 'http://127.0.0.1:4566' }`. */
  readonly services?: Readonly<Record<string, string>>;
}

/** The environment that points the AWS SDK (and so the product) at the emulators, with credentials that mean nothing. */
export function endpointVariables(endpoints: Endpoints): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {
    AWS_ENDPOINT_URL: endpoints.all,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    // A profile or a configuration file of the machine must not reach a test.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  for (const [service, url] of Object.entries(endpoints.services ?? {})) {
    variables[`AWS_ENDPOINT_URL_${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`] = url;
  }
  return variables;
}

/** Puts those variables into process.env, without any other AWS_* setting; returns a function that puts back what was. */
export function useEndpoints(endpoints: Endpoints): () => void {
  const isAws = (name: string): boolean => name.startsWith('AWS_');
  const before = Object.entries(process.env).filter(([name]) => isAws(name));
  const put = (entries: Iterable<readonly [string, string | undefined]>): void => {
    for (const name of Object.keys(process.env).filter(isAws)) delete process.env[name];
    for (const [name, value] of entries) process.env[name] = value;
  };
  put(Object.entries(endpointVariables(endpoints)));
  return () => put(before);
}
