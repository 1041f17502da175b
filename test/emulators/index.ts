export { endpointVariables, useEndpoints, type Endpoints } from './endpoints.ts';
export { startMinistack, startMoto, type Emulator, type EmulatorProcess } from './process.ts';
