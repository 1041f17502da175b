import { documentConnector } from '../documents/index.ts';
import { apiGatewayV2 } from './service.ts';

/** HTTP and WebSocket APIs with their stages, the domains that lead to them, and VPC links. */
export const connector = documentConnector(apiGatewayV2);
