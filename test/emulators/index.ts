export { endpointVariables, useEndpoints, type Endpoints } from './endpoints.ts';
export type { Fault, ProxiedRequest } from './faults.ts';
export { callsOf, runAwsScript } from './aws-script.ts';
export { projectRoot } from './install.ts';
export { startMinistack, startMoto, type Emulator, type EmulatorProcess } from './process.ts';
export { startFaultProxy, type FaultProxy } from './proxy.ts';
